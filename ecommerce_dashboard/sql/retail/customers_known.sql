-- Parameters: year, quarter and month, each 0 for all. Not additive over months.
select count(distinct customer_id) as customers_known
from retail_marts.agg_retail_sales_by_customer
where ? in (0, extract(year from month_date))
    and ? in (0, extract(quarter from month_date))
    and ? in (0, extract(month from month_date))
    and orders > 0
    and not is_unknown
