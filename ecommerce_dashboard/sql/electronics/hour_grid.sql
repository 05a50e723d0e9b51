select
    weekday_iso,
    hour_local,
    hours_observed,
    orders,
    units,
    net_sales,
    mean_orders,
    is_peak
from electronics_marts.agg_electronics_sales_hour_grid
order by weekday_iso, hour_local
