{{ config(**monthly('order_month')) }}

with

orders as (

    select
        order_date,
        n_products
    from {{ ref('fct_orders').render() }}
    where {{ in_batch('ordered_at') }}

),

pairs as (

    select
        n_both,
        is_frequent
    from {{ ref('int_cosmetics__product_pair_months').render() }}
    where {{ in_batch('order_month') }}

),

counted_orders as (

    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as orders_proxy,
        count(case when n_products < 2 then 1 end) as single_product_baskets,
        count(case when {{ is_affinity_basket('n_products') }} then 1 end) as n_baskets,
        sum(case when {{ is_affinity_basket('n_products') }} then n_products else 0 end) as basket_products
    from orders

),

counted_pairs as (

    select
        count(*) as pairs,
        sum(n_both) as pair_occurrences,
        count(case when is_frequent then 1 end) as frequent_pairs,
        sum(case when is_frequent then n_both else 0 end) as frequent_pair_occurrences
    from pairs

),

final as (

    select
        {{ batch_month() }} as order_month,
        counted_orders.first_order_date,
        counted_orders.last_order_date,
        counted_orders.orders_proxy,
        counted_orders.single_product_baskets,
        counted_orders.n_baskets,
        counted_orders.orders_proxy - counted_orders.single_product_baskets - counted_orders.n_baskets
            as oversized_baskets,
        cast(counted_orders.basket_products as {{ type_int64() }}) as basket_products,
        counted_pairs.pairs,
        cast(coalesce(counted_pairs.pair_occurrences, 0) as {{ type_int64() }}) as pair_occurrences,
        counted_pairs.frequent_pairs,
        cast(coalesce(counted_pairs.frequent_pair_occurrences, 0) as {{ type_int64() }}) as frequent_pair_occurrences
    from counted_orders
    cross join counted_pairs
    where counted_orders.orders_proxy > 0

)

select * from final
