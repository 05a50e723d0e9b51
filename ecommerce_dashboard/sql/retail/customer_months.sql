-- Parameters: the customer.
select
    by_customer.month_date,
    by_month.month_complete,
    by_customer.orders,
    by_customer.all_rows_value,
    by_customer.net_sales_on_return_date
from retail_marts.agg_retail_sales_by_customer as by_customer
inner join retail_marts.agg_retail_sales_monthly as by_month
    on by_customer.month_date = by_month.month_date
where by_customer.customer_id = ?
order by by_customer.month_date
