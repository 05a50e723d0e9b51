select
    weekday_iso,
    sales_hour,
    hours_observed,
    orders,
    orders_uk,
    gross_sales,
    gross_sales_uk,
    mean_orders,
    is_peak
from retail_marts.agg_retail_sales_by_hour
order by weekday_iso, sales_hour
