{{ config(**staged('event_at', cluster_by=['event_type', 'user_id'])) }}

with

source as (

    select *
    from {{ source('cosmetics_raw', 'events').render() }}
    where {{ in_raw_months('event_time') }}

),

renamed as (

    select
        event_time as event_at,
        {{ utc_date('event_time') }} as event_date,
        event_type,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        user_session as session_source_id,
        source_row_no
    from source

),

-- Equal rows share their instant, and so their month: no month ranks another's.
ranked as (

    select
        *,
        row_number() over (
            partition by
                event_at,
                event_type,
                product_id,
                category_id,
                category_code,
                brand,
                price,
                user_id,
                session_source_id
            order by source_row_no
        ) as dup_rank
    from renamed

),

final as (

    select
        {{ sha256_hex(unambiguous_text([
            as_text(epoch_micros('event_at')),
            'event_type',
            as_text('product_id'),
            as_text('category_id'),
            'category_code',
            'brand',
            as_text('cast(price * 100 as ' ~ type_int64() ~ ')'),
            as_text('user_id'),
            'session_source_id',
            as_text('dup_rank'),
        ])) }} as event_id,
        event_at,
        event_date,
        event_type,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        session_source_id,
        source_row_no,
        dup_rank,
        dup_rank > 1 as is_exact_duplicate
    from ranked

)

select * from final
