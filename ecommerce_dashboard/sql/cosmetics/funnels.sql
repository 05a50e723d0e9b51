select
    funnel_id,
    funnel_version,
    unit_type,
    breakdown_name,
    max(window_days_expected) as window_days
from cosmetics_marts.agg_funnel_daily
group by 1, 2, 3, 4
order by 1, 2
