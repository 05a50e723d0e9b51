select
    stock_code,
    item_kind,
    count(*) as line_count,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
where item_kind <> 'item'
group by stock_code, item_kind
order by line_count desc, stock_code
