select
    count(distinct invoice_no) as month_invoices,
    sum(line_value) as month_value
from retail_marts.fct_retail_invoice_lines
where invoiced_at >= ? and invoiced_at < ?
