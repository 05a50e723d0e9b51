{{ config(**monthly('event_month')) }}

{%- set event_types = {
    'any': 'n_events', 'view': 'n_views', 'cart': 'n_carts', 'remove_from_cart': 'n_removes', 'purchase': 'n_purchases'
} %}

with

-- A week of the month may begin or end up to six days beyond it.
user_days as (

    select
        event_date,
        user_id,
        n_events,
        n_views,
        n_carts,
        n_removes,
        n_purchases
    from {{ ref('int_cosmetics__user_days').render() }}
    where {{ in_batch('first_event_at', reach_days=6) }}

),

user_months as (

    select *
    from {{ ref('int_cosmetics__user_months').render() }}
    where {{ in_batch('event_month') }}

),

user_weeks as (

    select
        {{ period_start('week', 'event_date') }} as period_start,
        user_id,
        max(n_events) as n_events,
        max(n_views) as n_views,
        max(n_carts) as n_carts,
        max(n_removes) as n_removes,
        max(n_purchases) as n_purchases
    from user_days
    group by {{ period_start('week', 'event_date') }}, user_id

),

observed_days as (

    select distinct event_date
    from user_days

),

-- A week belongs to the month of its first day with an event, which its month and the month beside
-- it tell alike, whichever of the two is loaded.
periods as (

    {%- for kind in ['day', 'week', 'month'] %}

    select
        '{{ kind }}' as period_kind,
        {{ period_start(kind, 'event_date') }} as period_start,
        {{ month_of_date('min(event_date)') }} as event_month,
        count(*) as period_days_observed
    from observed_days
    group by {{ period_start(kind, 'event_date') }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

counts as (

    select
        'day' as period_kind,
        {%- for type, column in event_types.items() %}
        count(case when {{ column }} > 0 then 1 end) as {{ type }}_users,
        {%- endfor %}
        event_date as period_start
    from user_days
    group by event_date

    union all

    select
        'week' as period_kind,
        {%- for type, column in event_types.items() %}
        count(case when {{ column }} > 0 then 1 end) as {{ type }}_users,
        {%- endfor %}
        period_start
    from user_weeks
    group by period_start

    union all

    select
        'month' as period_kind,
        {%- for type, column in event_types.items() %}
        count(case when {{ column }} > 0 then 1 end) as {{ type }}_users,
        {%- endfor %}
        {{ utc_date('event_month') }} as period_start
    from user_months
    group by {{ utc_date('event_month') }}

),

counts_by_type as (

    {%- for type in event_types %}

    select
        period_kind,
        period_start,
        '{{ type }}' as event_type,
        {{ type }}_users as active_users
    from counts
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

measured_periods as (

    select
        *,
        case period_kind
            when 'day' then 1
            when 'week' then 7
            else {{ days_between('period_start', nth_period('month', 'period_start', 1)) }}
        end as period_days_expected
    from periods
    where {{ in_batch('event_month') }}

),

final as (

    select
        measured_periods.event_month,
        measured_periods.period_kind,
        measured_periods.period_start,
        counts_by_type.event_type,
        counts_by_type.active_users,
        measured_periods.period_days_expected,
        measured_periods.period_days_observed,
        measured_periods.period_days_observed = measured_periods.period_days_expected as period_complete
    from measured_periods
    inner join counts_by_type
        on
            measured_periods.period_kind = counts_by_type.period_kind
            and measured_periods.period_start = counts_by_type.period_start

)

select * from final
