{{ config(tags=['unpartitioned']) }}

with

source as (

    select *
    from {{ source('retail_raw', 'catalogue') }}
    where {{ in_any_month('fetched_at') }}

),

final as (

    select
        {{ utc_month('fetched_at') }} as event_month,
        fetched_at,
        {{ utc_date('fetched_at') }} as fetched_date,
        shop,
        url,
        upper(trim(coalesce(sku, product_id))) as offer_code,
        sku,
        product_id,
        gtin,
        name as product_name,
        brand,
        category,
        cast(price as {{ type_money() }}) as price,
        cast(high_price as {{ type_money() }}) as high_price,
        upper(currency) as currency,
        availability,
        rating,
        review_count,
        source_row_no
    from source

)

select * from final
