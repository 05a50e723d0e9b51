{{ config(**monthly('event_at', cluster_by=['product_id'])) }}

with

purchases as (

    select
        event_at,
        event_date,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        session_source_id,
        source_row_no
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'purchase'

),

-- The session of a purchase starts in this month or within a day before it.
purchasing_sessions as (

    select
        session_key,
        session_source_id,
        user_id,
        session_start_at,
        session_end_at
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at', reach_days=session_reach_days()) }}
        and is_valid
        and reached_purchase

),

repeated_purchases as (

    select
        event_at,
        source_row_no
    from {{ ref('int_cosmetics__exact_duplicates').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'purchase'

),

-- Sessions of one user in one source session never overlap, so a purchase lies in exactly one.
ordered_purchases as (

    select
        purchasing_sessions.session_key as order_proxy_key,
        purchases.event_at,
        purchases.event_date,
        purchases.source_row_no,
        purchases.user_id,
        purchases.product_id,
        purchases.category_id,
        purchases.category_code,
        purchases.brand,
        purchases.price,
        true as is_session_known
    from purchases
    inner join purchasing_sessions
        on
            purchases.session_source_id = purchasing_sessions.session_source_id
            and purchases.user_id = purchasing_sessions.user_id
            and purchases.event_at >= purchasing_sessions.session_start_at
            and purchases.event_at <= purchasing_sessions.session_end_at

    union all

    select
        {{ session_key('user_id', 'event_at', 'session_source_id', 'source_row_no') }} as order_proxy_key,
        event_at,
        event_date,
        source_row_no,
        user_id,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        false as is_session_known
    from purchases
    where session_source_id is null

),

final as (

    select
        ordered_purchases.order_proxy_key,
        ordered_purchases.event_at,
        ordered_purchases.event_date,
        ordered_purchases.source_row_no,
        ordered_purchases.user_id,
        ordered_purchases.product_id,
        ordered_purchases.category_id,
        ordered_purchases.category_code,
        ordered_purchases.brand,
        cast(ordered_purchases.price as {{ type_money() }}) as price,
        ordered_purchases.price > 0 as is_revenue_line,
        repeated_purchases.source_row_no is not null as is_exact_duplicate,
        ordered_purchases.is_session_known
    from ordered_purchases
    left join repeated_purchases
        on
            ordered_purchases.event_at = repeated_purchases.event_at
            and ordered_purchases.source_row_no = repeated_purchases.source_row_no

)

select * from final
