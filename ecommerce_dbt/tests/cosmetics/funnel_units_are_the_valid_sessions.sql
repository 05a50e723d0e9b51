{{ config(meta={'dagster': {'ref': {'name': 'agg_funnel_daily'}}}) }}

-- Per day and session funnel that is not split, the sessions that entered a funnel by order are the
-- valid ones with a view, and its coverage is over the valid ones with a purchase. The funnel by hour
-- adds up to the same.
with

sessions as (

    select
        session_date,
        count(case when reached_view then 1 end) as n_entered,
        count(case when reached_purchase then 1 end) as n_purchasing
    from {{ ref('int_cosmetics__sessions') }}
    where
        {{ in_loaded_window('session_start_at') }}
        and is_valid
    group by session_date

),

funnels as (

    select
        funnel_id,
        unit_date,
        count(distinct step_no) as n_steps,
        sum(case when step_no = 1 then reached else 0 end) as entered,
        sum(case when step_no = 3 then entered else 0 end) as entered_at_last_step,
        sum(case when step_no = 2 then coverage_den else 0 end) as coverage_den
    from {{ ref('agg_funnel_daily') }}
    where
        {{ in_loaded_window('unit_month') }}
        and funnel_id in (
            'session_view_cart_purchase', 'session_view_cart_purchase_by_hour', 'session_view_cart_purchase_strict'
        )
    group by funnel_id, unit_date

),

funnel_days as (

    select
        unit_date,
        count(*) as n_funnels,
        min(n_steps) as n_steps,
        min(entered) as entered,
        max(entered_at_last_step) as max_entered,
        min(coverage_den) as coverage_den,
        max(coverage_den) as max_coverage_den
    from funnels
    group by unit_date

)

select
    sessions.session_date,
    funnel_days.n_steps
from sessions
full outer join funnel_days
    on sessions.session_date = funnel_days.unit_date
where
    sessions.session_date is null
    or funnel_days.unit_date is null
    or funnel_days.n_funnels <> 3
    or funnel_days.n_steps <> 3
    or funnel_days.entered <> sessions.n_entered
    or funnel_days.max_entered <> sessions.n_entered
    or funnel_days.coverage_den <> sessions.n_purchasing
    or funnel_days.max_coverage_den <> sessions.n_purchasing
