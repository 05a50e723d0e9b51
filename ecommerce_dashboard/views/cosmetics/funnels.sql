-- name: funnels
select
    funnel_id,
    funnel_version,
    unit_type,
    breakdown_name,
    max(window_days_expected) as window_days
from cosmetics_marts.agg_funnel_daily
group by 1, 2, 3, 4
order by 1, 2

-- name: funnel_daily
-- Parameters: the funnel, the first and the last day. A unit is in one breakdown value alone.
select
    unit_date,
    breakdown_value,
    step_no,
    step_name,
    entered,
    reached,
    step_rate_num,
    step_rate_den,
    overall_rate_num,
    overall_rate_den,
    median_s,
    coverage_num,
    coverage_den,
    excluded,
    window_complete
from cosmetics_marts.agg_funnel_daily
where funnel_id = ? and unit_date between ? and ?
order by unit_date, breakdown_value, step_no
