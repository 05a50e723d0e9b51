{{ config(meta={'dagster': {'ref': {'name': 'fct_retail_invoices'}}}) }}

-- The lines of an invoice are those that fct_retail_invoices counts, and no line is without its invoice.
with

lines as (

    select
        invoice_no,
        count(*) as n_lines,
        sum(line_value) as all_rows_value
    from {{ ref('fct_retail_invoice_lines') }}
    group by invoice_no

)

select
    lines.invoice_no as line_invoice_no,
    invoices.invoice_no
from lines
full outer join {{ ref('fct_retail_invoices') }} as invoices
    on lines.invoice_no = invoices.invoice_no
where
    lines.invoice_no is null
    or invoices.invoice_no is null
    or lines.n_lines <> invoices.n_lines
    or lines.all_rows_value <> invoices.all_rows_value
