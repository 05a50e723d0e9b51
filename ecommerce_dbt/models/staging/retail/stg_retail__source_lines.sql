{{ config(tags=['unpartitioned']) }}

with

{% for name in ['archive', 'url', 'postgres'] -%}
{{ name }} as (

    select
        '{{ name }}' as source_system,
        {{ local_date('invoice_date', retail_tz()) }} as invoice_date,
        invoice_no,
        upper(trim(stock_code)) as stock_code,
        quantity,
        cast(quantity * unit_price as {{ type_money() }}) as line_value
    from {{ source('retail_raw', 'invoices_' ~ name) }}
    where {{ in_any_month('invoice_date') }}

),

{% endfor -%}
final as (

    select * from archive
    union all
    select * from url
    union all
    select * from postgres

)

select * from final
