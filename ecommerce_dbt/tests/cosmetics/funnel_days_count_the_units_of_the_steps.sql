{{ config(tags=['cosmetics', 'unpartitioned'], meta={'dagster': {'ref': {'name': 'fct_funnel_step'}}}) }}

-- agg_funnel_daily counts what fct_funnel_step holds, on three days of the newest month, so that the test
-- costs the same however many months are loaded.
with

newest_month as (

    select max(unit_month) as unit_month
    from {{ ref('agg_funnel_daily') }}

),

steps as (

    select
        steps.funnel_id,
        steps.funnel_version,
        steps.unit_date,
        steps.breakdown_value,
        steps.step_no,
        count(steps.entered_at) as reached,
        count(case when steps.has_final_event then 1 end) as n_with_final_event,
        count(steps.excluded_by) as excluded
    from {{ ref('fct_funnel_step') }} as steps
    inner join newest_month
        on steps.unit_month = newest_month.unit_month
    where extract(day from steps.unit_date) in (1, 11, 21)
    group by
        steps.funnel_id,
        steps.funnel_version,
        steps.unit_date,
        steps.breakdown_value,
        steps.step_no

),

days as (

    select funnel_days.*
    from {{ ref('agg_funnel_daily') }} as funnel_days
    inner join newest_month
        on funnel_days.unit_month = newest_month.unit_month
    where extract(day from funnel_days.unit_date) in (1, 11, 21)

)

-- A step that nobody reached has a row in the days alone; the last step holds every unit with its event.
select
    coalesce(days.funnel_id, steps.funnel_id) as funnel_id,
    coalesce(days.unit_date, steps.unit_date) as unit_date,
    days.reached,
    steps.reached as reached_by_steps
from days
full outer join steps
    on
        days.funnel_id = steps.funnel_id
        and days.funnel_version = steps.funnel_version
        and days.unit_date = steps.unit_date
        and days.breakdown_value = steps.breakdown_value
        and days.step_no = steps.step_no
where
    days.funnel_id is null
    or days.reached <> coalesce(steps.reached, 0)
    or days.step_no = 3 and days.coverage_den <> coalesce(steps.n_with_final_event, 0)
    or days.step_no = 3 and days.excluded <> coalesce(steps.excluded, 0)
