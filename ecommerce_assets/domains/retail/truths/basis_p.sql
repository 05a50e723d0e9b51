-- "Basis P": the customer is known, quantity and price are above 0.
with basis as (
    select
        invoice_no,
        invoice_date,
        customer_id,
        stock_code_delivered,
        line_value
    from retail_marts.fct_retail_invoice_lines
    where
        invoiced_at >= ? and invoiced_at < ?
        and customer_id is not null
        and quantity > 0
        and unit_price > 0
),

occasions as (
    select distinct
        customer_id,
        invoice_date
    from basis
),

occasion_count as (
    select count(*) as purchase_occasions
    from occasions
)

select
    count(*) as basis_p_rows,
    count(distinct basis.customer_id) as basis_p_customers,
    count(distinct basis.invoice_no) as basis_p_invoices,
    count(distinct basis.stock_code_delivered) as basis_p_stock_codes,
    sum(basis.line_value) as basis_p_value,
    1.0 * sum(basis.line_value) / nullif(count(distinct basis.invoice_no), 0) as value_per_invoice,
    1.0 * sum(basis.line_value) / nullif(count(*), 0) as value_per_line,
    min(occasion_count.purchase_occasions) as purchase_occasions
from basis
cross join occasion_count
