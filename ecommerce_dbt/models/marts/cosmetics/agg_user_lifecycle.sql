{{ config(tags=['unpartitioned']) }}

{%- set period_kinds = ['day', 'week', 'month'] %}

with

user_days as (

    select
        event_date,
        previous_date_in_month
    from {{ ref('int_cosmetics__user_days') }}

),

user_months as (

    select
        first_date,
        last_date,
        previous_date,
        is_last_month
    from {{ ref('int_cosmetics__user_history') }}

),

observed_days as (

    select event_date
    from {{ ref('agg_daily_traffic') }}

),

observed_span as (

    select
        observed_from,
        observed_to,
        truncated_until
    from {{ ref('int_cosmetics__observed_span') }}

),

-- Users by active day and the one before it, and by last day: small tables that all periods are made
-- from. Neighbours within a month are stored with the days, those over its end with the months.
steps as (

    select
        event_date,
        previous_date_in_month as previous_date,
        count(*) as n_users
    from user_days
    where previous_date_in_month is not null
    group by event_date, previous_date_in_month

    union all

    select
        first_date as event_date,
        previous_date,
        count(*) as n_users
    from user_months
    group by first_date, previous_date

),

last_days as (

    select
        last_date,
        count(*) as n_users
    from user_months
    where is_last_month
    group by last_date

),

period_steps as (

    {%- for kind in period_kinds %}

    select
        '{{ kind }}' as period_kind,
        {{ period_start(kind, 'event_date') }} as period_start,
        {{ period_start(kind, 'previous_date') }} as previous_period,
        {{ nth_period(kind, period_start(kind, 'previous_date'), 1) }} as period_after_previous,
        n_users
    from steps
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

-- Who stays away from the period after one: whoever comes back later still, or never.
absences as (

    select
        period_kind,
        period_after_previous as period_start,
        n_users
    from period_steps
    where period_after_previous < period_start

    {%- for kind in period_kinds %}

    union all

    select
        '{{ kind }}' as period_kind,
        {{ nth_period(kind, period_start(kind, 'last_date'), 1) }} as period_start,
        n_users
    from last_days
    {%- endfor %}

),

arrived as (

    select
        period_kind,
        period_start,
        sum(n_users) as active_users,
        sum(case when previous_period is null then n_users else 0 end) as new_users,
        sum(case when period_after_previous = period_start then n_users else 0 end) as returning_users,
        sum(case when period_after_previous < period_start then n_users else 0 end) as resurrecting_users
    from period_steps
    where
        previous_period is null
        or previous_period < period_start
    group by period_kind, period_start

),

departed as (

    select
        period_kind,
        period_start,
        sum(n_users) as dormant_users
    from absences
    group by period_kind, period_start

),

-- Periods without an active user have a row, too, from the first to the last observed day.
spine as (

    {%- for kind in period_kinds %}

    select
        '{{ kind }}' as period_kind,
        {{ nth_period(kind, period_start(kind, 'observed_span.observed_from'), 'period_no') }} as period_start,
        {{ nth_period(kind, period_start(kind, 'observed_span.observed_from'), '(period_no + 1)') }} as next_start,
        observed_span.truncated_until
    from observed_span
    cross join {{ each_whole_number(periods_between(
        kind, period_start(kind, 'observed_span.observed_from'), 'observed_span.observed_to'
    ), 'period_no') }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

period_days as (

    select
        spine.period_kind,
        spine.period_start,
        {{ days_between('spine.period_start', 'spine.next_start') }} as period_days_expected,
        count(observed_days.event_date) as period_days_observed,
        spine.period_start < spine.truncated_until as is_left_truncated
    from spine
    left join observed_days
        on
            spine.period_start <= observed_days.event_date
            and spine.next_start > observed_days.event_date
    group by spine.period_kind, spine.period_start, spine.next_start, spine.truncated_until

),

final as (

    select
        period_days.period_kind,
        period_days.period_start,
        cast(coalesce(arrived.active_users, 0) as {{ type_int64() }}) as active_users,
        cast(coalesce(arrived.new_users, 0) as {{ type_int64() }}) as new_users,
        cast(coalesce(arrived.returning_users, 0) as {{ type_int64() }}) as returning_users,
        cast(coalesce(arrived.resurrecting_users, 0) as {{ type_int64() }}) as resurrecting_users,
        cast(coalesce(departed.dormant_users, 0) as {{ type_int64() }}) as dormant_users,
        period_days.is_left_truncated,
        period_days.period_days_expected,
        period_days.period_days_observed,
        period_days.period_days_observed = period_days.period_days_expected as period_complete
    from period_days
    left join arrived
        on
            period_days.period_kind = arrived.period_kind
            and period_days.period_start = arrived.period_start
    left join departed
        on
            period_days.period_kind = departed.period_kind
            and period_days.period_start = departed.period_start

)

select * from final
