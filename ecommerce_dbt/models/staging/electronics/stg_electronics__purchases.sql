{{ config(**staged('purchased_at', cluster_by=['order_id'])) }}

with

source as (

    select *
    from {{ source('electronics_raw', 'purchases').render() }}
    where {{ in_raw_months('event_time') }}

),

-- Equal as delivered, before any repair. Equal rows share their instant, and so their month.
judged as (

    select
        *,
        row_number() over (
            partition by event_time, order_id, product_id, category_id, category_code, brand, price, user_id
            order by source_row_no
        ) as dup_rank,
        {{ is_column_shift() }} as is_shifted
    from source

),

final as (

    select
        event_time as purchased_at,
        {{ utc_date('event_time') }} as purchase_date,
        order_id,
        product_id,
        {{ repaired_columns() }},
        dup_rank,
        dup_rank > 1 as is_exact_duplicate,
        source_row_no
    from judged

)

select * from final
