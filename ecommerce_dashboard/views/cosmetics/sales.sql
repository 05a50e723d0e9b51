-- name: hourly
-- Parameters: the first and the last day. An hour in which nothing was ever bought has no row.
select
    hour_utc,
    sum(orders_proxy) as orders,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_sales_hourly
where sales_date between ? and ?
group by hour_utc
order by hour_utc

-- name: cart_abandonment
-- Parameters: the first and the last day.
select
    cart_date,
    cart_abandonment_num,
    cart_abandonment_den,
    window_complete
from cosmetics_marts.agg_cart_abandonment_daily
where cart_date between ? and ?
order by cart_date

-- name: predecessors
-- Parameters: the first and the last day.
select
    before_event,
    sum(checkouts) as checkouts,
    sum(case when is_same_product then checkouts else 0 end) as same_product_checkouts,
    sum(purchase_events) as purchase_events
from cosmetics_marts.agg_purchase_predecessors_daily
where session_date between ? and ?
group by before_event
order by checkouts desc, before_event

-- name: months
-- All loaded months, of figures that add up over days.
select
    cast(event_month as date) as month_date,
    count(*) as days_observed,
    sum(orders_proxy) as orders,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_sales_daily
group by 1
order by 1

-- name: daily
-- Parameters: the first and the last day.
select
    sales_date,
    buyers,
    orders_proxy,
    adjustment_lines,
    zero_price_lines,
    gross_sales,
    adjustment_value,
    revenue_per_visitor_num,
    revenue_per_visitor_den,
    aov_num,
    aov_den
from cosmetics_marts.agg_sales_daily
where sales_date between ? and ?
order by sales_date
