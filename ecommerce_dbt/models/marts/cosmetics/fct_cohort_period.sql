{{ config(tags=['unpartitioned']) }}

{%- set period_kinds = ['month', 'week', 'rolling30'] %}

with

cohort_days as (

    select * from {{ ref('int_cosmetics__cohort_days') }}

),

observed_days as (

    select event_date
    from {{ ref('agg_daily_traffic') }}

),

observed_span as (

    select
        observed_to,
        truncated_until
    from {{ ref('int_cosmetics__observed_span') }}

),

period_counts as (

    {%- for kind in period_kinds %}

    select
        cohort_kind,
        '{{ kind }}' as period_kind,
        {{ period_start('week' if kind == 'week' else 'month', 'cohort_date') }} as cohort_period,
        {{ periods_between(kind, 'cohort_date', 'event_date') }} as period_index,
        cohort_date,
        event_date,
        new_in_{{ kind }} as active_users,
        last_seen_users,
        new_buyers_in_{{ kind }} as purchasing_users,
        orders_proxy,
        gross_sales
    from cohort_days
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

cohorts as (

    select
        period_counts.cohort_kind,
        period_counts.period_kind,
        period_counts.cohort_period,
        observed_span.observed_to,
        sum(period_counts.active_users) as cohort_size,
        sum(
            case
                when period_counts.cohort_date < observed_span.truncated_until then period_counts.active_users
                else 0
            end
        ) as left_truncated_users,
        period_counts.cohort_period < observed_span.truncated_until as is_left_truncated
    from period_counts
    cross join observed_span
    where period_counts.event_date = period_counts.cohort_date
    group by
        period_counts.cohort_kind,
        period_counts.period_kind,
        period_counts.cohort_period,
        observed_span.observed_to,
        observed_span.truncated_until

),

-- Periods without an active user have a row, too, up to the last observed day. The members' own
-- windows of 30 days begin between the first and the last day of their month.
spine as (

    {%- for kind in period_kinds %}

    select
        *,
        {%- if kind == 'rolling30' %}
        {{ plus_days('cohort_period', 'period_index * 30') }} as period_start,
        {{ plus_days(nth_period('month', 'cohort_period', 1), '(period_index * 30 + 28)') }} as period_end
        {%- else %}
        {{ nth_period(kind, 'cohort_period', 'period_index') }} as period_start,
        {{ plus_days(nth_period(kind, 'cohort_period', '(period_index + 1)'), -1) }} as period_end
        {%- endif %}
    from cohorts
    cross join {{ each_whole_number(periods_between(kind, 'cohort_period', 'observed_to'), 'period_index') }}
    where period_kind = '{{ kind }}'
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

spans as (

    select distinct
        period_start,
        period_end
    from spine

),

span_days as (

    select
        spans.period_start,
        spans.period_end,
        count(case when observed_days.event_date <= spans.period_end then 1 end) as period_days_observed,
        count(*) as days_observed_from_start
    from spans
    inner join observed_days
        on spans.period_start <= observed_days.event_date
    group by spans.period_start, spans.period_end

),

measures as (

    select
        cohort_kind,
        period_kind,
        cohort_period,
        period_index,
        sum(active_users) as active_users,
        sum(last_seen_users) as last_seen_users,
        sum(purchasing_users) as purchasing_users,
        sum(orders_proxy) as orders_proxy,
        sum(gross_sales) as gross_sales
    from period_counts
    group by cohort_kind, period_kind, cohort_period, period_index

),

measured_spine as (

    select
        spine.cohort_kind,
        spine.period_kind,
        spine.cohort_period,
        spine.period_index,
        spine.period_start,
        spine.period_end,
        spine.cohort_size,
        spine.left_truncated_users,
        spine.is_left_truncated,
        coalesce(measures.active_users, 0) as active_users,
        coalesce(measures.last_seen_users, 0) as last_seen_users,
        coalesce(measures.purchasing_users, 0) as purchasing_users,
        coalesce(measures.orders_proxy, 0) as orders_proxy,
        coalesce(measures.gross_sales, 0) as gross_sales,
        {{ days_between('spine.period_start', 'spine.period_end') }} + 1 as period_days_expected,
        coalesce(span_days.period_days_observed, 0) as period_days_observed,
        {{ days_between('spine.period_start', 'spine.observed_to') }} + 1
        = coalesce(span_days.days_observed_from_start, 0) as has_no_hole_after_start
    from spine
    left join measures
        on
            spine.cohort_kind = measures.cohort_kind
            and spine.period_kind = measures.period_kind
            and spine.cohort_period = measures.cohort_period
            and spine.period_index = measures.period_index
    left join span_days
        on
            spine.period_start = span_days.period_start
            and spine.period_end = span_days.period_end

),

followed_periods as (

    select
        *,
        sum(last_seen_users) over (
            partition by cohort_kind, period_kind, cohort_period
            order by period_index desc
            rows between unbounded preceding and current row
        ) as users_seen_later,
        lag(active_users) over (
            partition by cohort_kind, period_kind, cohort_period
            order by period_index
        ) as previous_active_users,
        first_value(gross_sales) over (
            partition by cohort_kind, period_kind, cohort_period
            order by period_index
        ) as first_gross_sales,
        sum(gross_sales) over (
            partition by cohort_kind, period_kind, cohort_period
            order by period_index
            rows between unbounded preceding and current row
        ) as cumulative_gross_sales,
        sum(period_days_expected - period_days_observed) over (
            partition by cohort_kind, period_kind, cohort_period
            order by period_index
            rows between unbounded preceding and current row
        ) as days_missing_so_far
    from measured_spine

),

final as (

    select
        cohort_kind,
        period_kind,
        cohort_period,
        period_index,
        period_start,
        period_end,
        cast(cohort_size as {{ type_int64() }}) as cohort_size,
        cast(left_truncated_users as {{ type_int64() }}) as left_truncated_users,
        is_left_truncated,
        cast(active_users as {{ type_int64() }}) as active_users,
        cast(
            case
                when has_no_hole_after_start and period_days_observed = period_days_expected then users_seen_later
            end as {{ type_int64() }}
        ) as active_users_on_or_after,
        cast(purchasing_users as {{ type_int64() }}) as purchasing_users,
        cast(orders_proxy as {{ type_int64() }}) as orders_proxy,
        cast(gross_sales as {{ type_money() }}) as gross_sales,
        cast(active_users as {{ type_int64() }}) as retention_num,
        cast(cohort_size as {{ type_int64() }}) as retention_den,
        cast(case when period_index > 0 then active_users end as {{ type_int64() }}) as relative_retention_num,
        cast(previous_active_users as {{ type_int64() }}) as relative_retention_den,
        cast(gross_sales as {{ type_money() }}) as revenue_retention_num,
        cast(first_gross_sales as {{ type_money() }}) as revenue_retention_den,
        cast(cumulative_gross_sales as {{ type_money() }}) as ltv_num,
        cast(cohort_size as {{ type_int64() }}) as ltv_den,
        period_days_expected,
        period_days_observed,
        period_days_observed = period_days_expected as period_complete,
        days_missing_so_far = 0 as ltv_complete
    from followed_periods

)

select * from final
