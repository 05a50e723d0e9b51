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
