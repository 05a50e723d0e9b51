{{ config(**monthly('event_month', cluster_by=['user_id'])) }}

with

user_months as (

    select *
    from {{ ref('int_cosmetics__user_months').render() }}
    where {{ in_batch('event_month') }}

),

viewed_products as (

    select distinct
        user_id,
        product_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'view'

),

purchased_products as (

    select distinct
        user_id,
        product_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'purchase'

),

user_viewed_products as (

    select
        user_id,
        count(*) as n_products
    from viewed_products
    group by user_id

),

user_purchased_products as (

    select
        purchased_products.user_id,
        count(*) as n_products,
        count(viewed_products.product_id) as n_products_viewed
    from purchased_products
    left join viewed_products
        on
            purchased_products.user_id = viewed_products.user_id
            and purchased_products.product_id = viewed_products.product_id
    group by purchased_products.user_id

),

final as (

    select
        user_months.event_month,
        user_months.user_id,
        user_months.first_event_at,
        user_months.last_event_at,
        user_months.n_active_days,
        user_months.n_events,
        user_months.n_views,
        user_months.n_carts,
        user_months.n_removes,
        user_months.n_purchases,
        user_months.purchase_value,
        coalesce(user_purchased_products.n_products, 0) as n_products_purchased,
        user_months.n_purchase_sessions as sessions_with_purchase_num,
        user_months.n_valid_sessions as sessions_with_purchase_den,
        user_months.n_session_products_viewed as products_viewed_per_session_num,
        user_months.n_valid_sessions as products_viewed_per_session_den,
        coalesce(user_purchased_products.n_products_viewed, 0) as viewed_products_purchased_num,
        coalesce(user_viewed_products.n_products, 0) as viewed_products_purchased_den,
        user_months.session_purchase_value as spend_per_session_num,
        user_months.n_valid_sessions as spend_per_session_den,
        user_months.session_purchase_value as spend_per_purchase_session_num,
        user_months.n_purchase_sessions as spend_per_purchase_session_den
    from user_months
    left join user_viewed_products
        on user_months.user_id = user_viewed_products.user_id
    left join user_purchased_products
        on user_months.user_id = user_purchased_products.user_id

)

select * from final
