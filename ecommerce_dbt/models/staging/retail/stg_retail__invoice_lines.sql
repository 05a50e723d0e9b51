{{ config(**staged('invoiced_at', cluster_by=['invoice_no'])) }}

with

source as (

    select *
    from {{ source('retail_raw', 'invoices_' ~ retail_primary_source()).render() }}
    where {{ in_raw_months('invoice_date') }}

),

-- Equal rows share their instant, and so their month: no month ranks another's.
ranked as (

    select
        *,
        {{ retail_customer('customer_id') }} as known_customer_id,
        row_number() over (
            partition by
                invoice_date,
                invoice_no,
                stock_code,
                description,
                quantity,
                unit_price,
                customer_id,
                country
            order by source_row_no
        ) as dup_rank
    from source

),

final as (

    select
        invoice_date as invoiced_at,
        {{ local_date('invoice_date', retail_tz()) }} as invoice_date,
        {{ local_hour('invoice_date', retail_tz()) }} as invoice_hour,
        invoice_no,
        {{ retail_line_kind('known_customer_id') }} as line_kind,
        upper(trim(stock_code)) as stock_code,
        stock_code as stock_code_delivered,
        {{ retail_item_kind('upper(trim(stock_code))') }} as item_kind,
        nullif(trim(description), '') as description,
        quantity,
        cast(unit_price as {{ type_money() }}) as unit_price,
        cast(quantity * unit_price as {{ type_money() }}) as line_value,
        known_customer_id as customer_id,
        customer_id as customer_id_delivered,
        trim(country) as country,
        dup_rank,
        dup_rank > 1 as is_exact_duplicate,
        source_row_no
    from ranked

)

select * from final
