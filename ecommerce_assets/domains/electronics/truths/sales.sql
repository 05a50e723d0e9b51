select
    sum(units) as units,
    sum(orders) as orders,
    sum(gross_sales) as gross_sales,
    sum(net_sales) as net_sales
from electronics_marts.agg_electronics_sales_daily
where event_month >= ? and event_month < ?
