select
    line_kind,
    item_kind,
    count(*) as line_count,
    sum(quantity) as units,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
group by line_kind, item_kind
order by line_kind, line_count desc, item_kind
