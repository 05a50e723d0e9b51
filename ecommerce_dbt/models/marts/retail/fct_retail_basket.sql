{{ config(tags=['unpartitioned']) }}

with

invoices as (

    select *
    from {{ ref('fct_retail_invoices') }}
    where
        n_items >= 2
        and not is_fully_cancelled

),

lines as (

    select
        invoice_no,
        stock_code,
        sum(quantity) as units,
        sum(line_value) as item_value
    from {{ ref('fct_retail_invoice_lines') }}
    where
        is_revenue_line
        and item_kind = 'item'
    group by invoice_no, stock_code

),

final as (

    select
        invoices.invoice_no,
        lines.stock_code,
        invoices.invoice_date,
        invoices.customer_id,
        invoices.country,
        invoices.n_items,
        cast(lines.units as {{ type_int64() }}) as units,
        cast(lines.item_value as {{ type_money() }}) as item_value
    from lines
    inner join invoices
        on lines.invoice_no = invoices.invoice_no

)

select * from final
