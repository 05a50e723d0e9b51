{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

-- A basket of n products has n products and n (n - 1) / 2 pairs: the month's tables hold them all.
with

baskets as (

    select
        {{ utc_month('ordered_at') }} as order_month,
        sum(n_products) as basket_products,
        sum(n_products * (n_products - 1)) as ordered_pairs
    from {{ ref('fct_orders') }}
    where
        {{ in_loaded_window('ordered_at') }}
        and {{ in_checked_months('ordered_at') }}
        and {{ is_affinity_basket('n_products') }}
    group by {{ utc_month('ordered_at') }}

),

products as (

    select
        order_month,
        sum(n_baskets) as basket_products
    from {{ ref('int_cosmetics__product_basket_months') }}
    where {{ in_loaded_window('order_month') }}
    group by order_month

),

pairs as (

    select
        order_month,
        sum(n_both) as n_both
    from {{ ref('int_cosmetics__product_pair_months') }}
    where {{ in_loaded_window('order_month') }}
    group by order_month

)

select
    baskets.order_month,
    baskets.basket_products,
    products.basket_products as found_products,
    pairs.n_both as found_pairs
from baskets
left join products
    on baskets.order_month = products.order_month
left join pairs
    on baskets.order_month = pairs.order_month
where
    coalesce(products.basket_products, 0) <> baskets.basket_products
    or coalesce(pairs.n_both, 0) * 2 <> baskets.ordered_pairs
