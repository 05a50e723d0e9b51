select coalesce(sum(orders_proxy), 0) as orders_in_the_outage
from cosmetics_marts.agg_sales_hourly
where
    event_month >= ? and event_month < ?
    and sales_date = ? and hour_utc >= ? and hour_utc < ?
