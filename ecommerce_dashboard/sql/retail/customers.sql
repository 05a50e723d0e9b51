-- Parameters: year, quarter and month, each 0 for all.
select
    by_customer.customer_id,
    known.country,
    sum(by_customer.orders) as orders,
    sum(by_customer.all_rows_value) as all_rows_value,
    sum(by_customer.net_sales_on_return_date) as net_sales
from retail_marts.agg_retail_sales_by_customer as by_customer
inner join retail_marts.dim_retail_customer as known
    on by_customer.customer_id = known.customer_id
where ? in (0, extract(year from by_customer.month_date))
    and ? in (0, extract(quarter from by_customer.month_date))
    and ? in (0, extract(month from by_customer.month_date))
group by by_customer.customer_id, known.country
order by all_rows_value desc, by_customer.customer_id
limit 20
