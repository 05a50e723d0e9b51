select
    sales_date,
    orders,
    units,
    net_sales
from electronics_marts.agg_electronics_sales_daily
order by sales_date
