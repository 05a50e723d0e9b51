select
    sales_date,
    orders,
    all_rows_value,
    net_sales_on_return_date
from retail_marts.agg_retail_sales_daily
order by sales_date
