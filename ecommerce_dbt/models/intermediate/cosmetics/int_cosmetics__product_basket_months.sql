{{ config(**monthly('order_month', cluster_by=['product_id'])) }}

with

baskets as (

    select order_proxy_key
    from {{ ref('fct_orders').render() }}
    where
        {{ in_batch('ordered_at') }}
        and {{ is_affinity_basket('n_products') }}

),

-- Lines after the month's end belong to orders of its last day.
lines as (

    select
        order_proxy_key,
        product_id
    from {{ ref('fct_order_lines').render() }}
    where {{ in_batch('event_at', reach_days=session_reach_days()) }}

),

basket_products as (

    select distinct
        lines.order_proxy_key,
        lines.product_id
    from lines
    inner join baskets
        on lines.order_proxy_key = baskets.order_proxy_key

),

final as (

    select
        {{ batch_month() }} as order_month,
        product_id,
        count(*) as n_baskets
    from basket_products
    group by product_id

)

select * from final
