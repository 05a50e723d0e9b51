{{ config(**monthly('order_month', cluster_by=['first_product_id'])) }}

with

baskets as (

    select
        order_proxy_key,
        row_number() over (order by order_proxy_key) as basket_no
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
        baskets.basket_no,
        lines.product_id
    from lines
    inner join baskets
        on lines.order_proxy_key = baskets.order_proxy_key

),

pairs as (

    select
        one.product_id as first_product_id,
        other.product_id as second_product_id,
        count(*) as n_both
    from basket_products as one
    inner join basket_products as other
        on
            one.basket_no = other.basket_no
            and one.product_id < other.product_id
    group by one.product_id, other.product_id

),

basket_count as (

    select count(*) as n_baskets
    from baskets

),

final as (

    select
        {{ batch_month() }} as order_month,
        pairs.first_product_id,
        pairs.second_product_id,
        pairs.n_both,
        {{ is_frequent_pair('pairs.n_both', 'basket_count.n_baskets') }} as is_frequent
    from pairs
    cross join basket_count

)

select * from final
