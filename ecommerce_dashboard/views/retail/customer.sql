-- name: customer
-- Parameters: the customer.
select
    customer_id,
    country,
    first_order_date,
    last_order_date,
    orders,
    items,
    purchase_days,
    units_sold,
    units_returned,
    gross_sales,
    returned_value,
    net_sales,
    all_rows_value,
    mean_order_num,
    mean_order_den
from retail_marts.dim_retail_customer
where customer_id = ?

-- name: ids
select cast(known.customer_id as string) as customer_id
from retail_marts.dim_retail_customer as known
order by known.net_sales desc, known.customer_id

-- name: months
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

-- name: items
-- Parameters: the customer.
select
    fct_lines.stock_code,
    dim_items.description,
    sum(fct_lines.quantity) as units,
    sum(fct_lines.line_value) as line_value
from retail_marts.fct_retail_invoice_lines as fct_lines
inner join retail_marts.dim_retail_item as dim_items
    on fct_lines.stock_code = dim_items.stock_code
where fct_lines.customer_id = ?
group by fct_lines.stock_code, dim_items.description
order by line_value desc, fct_lines.stock_code
limit 20

-- name: invoices
-- Parameters: the customer.
select
    invoice_date,
    invoice_no,
    invoice_kind,
    n_lines,
    all_rows_value,
    returned_value,
    is_fully_cancelled
from retail_marts.fct_retail_invoices
where customer_id = ?
order by invoice_date desc, invoice_no desc
