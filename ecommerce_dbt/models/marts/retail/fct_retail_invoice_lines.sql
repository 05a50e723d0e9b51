{{ config(**monthly('invoiced_at', cluster_by=['invoice_no'])) }}

with

staged as (

    select *
    from {{ ref('stg_retail__invoice_lines').render() }}
    where {{ in_batch('invoiced_at') }}

),

final as (

    select
        {{ as_text(month_start(utc_date('invoiced_at'))) }} || ':' || {{ as_text('source_row_no') }} as line_key,
        invoiced_at,
        invoice_date,
        invoice_hour,
        invoice_no,
        line_kind,
        stock_code,
        stock_code_delivered,
        item_kind,
        description,
        quantity,
        unit_price,
        line_value,
        customer_id,
        country,
        line_kind = 'sale' and unit_price > 0 as is_revenue_line,
        is_exact_duplicate,
        source_row_no
    from staged

)

select * from final
