{{ config(tags=['unpartitioned']) }}

with

-- Rows that nothing but their instant kept out of the lake; others are in the quarantine alone.
source as (

    select
        file_name,
        line,
        raw_line
    from {{ source('electronics_raw', 'purchases_quarantine') }}
    where array_to_string(reasons, '|') = 'sentinel_timestamp:event_time'

),

fields as (

    select
        file_name,
        line,
        {{ cast_or_null(quarantined_field(2), type_int64()) }} as order_id,
        {{ cast_or_null(quarantined_field(3), type_int64()) }} as product_id,
        {{ cast_or_null(quarantined_field(4), type_int64()) }} as category_id,
        {{ quarantined_field(5) }} as category_code,
        {{ quarantined_field(6) }} as brand,
        {{ cast_or_null(quarantined_field(7), type_money()) }} as price,
        {{ cast_or_null(quarantined_field(8), type_int64()) }} as user_id
    from source

),

judged as (

    select
        *,
        row_number() over (
            partition by order_id, product_id, category_id, category_code, brand, price, user_id
            order by file_name, line
        ) as dup_rank,
        {{ is_column_shift() }} as is_shifted
    from fields

),

final as (

    select
        order_id,
        product_id,
        {{ repaired_columns() }},
        dup_rank,
        dup_rank > 1 as is_exact_duplicate,
        file_name,
        line
    from judged

)

select * from final
