-- Parameters: the stock code.
select
    customer_id,
    sum(quantity) as units,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
where stock_code = ? and customer_id is not null
group by customer_id
order by line_value desc, customer_id
limit 20
