-- Parameters: the first and the last day. An hour in which nothing was ever bought has no row.
select
    hour_utc,
    sum(orders_proxy) as orders,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_sales_hourly
where sales_date between ? and ?
group by hour_utc
order by hour_utc
