-- All loaded months, of figures that add up over days.
select
    cast(event_month as date) as month_date,
    count(*) as days_observed,
    sum(orders_proxy) as orders,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_sales_daily
group by 1
order by 1
