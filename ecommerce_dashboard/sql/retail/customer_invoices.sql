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
