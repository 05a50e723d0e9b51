{{ config(**monthly('order_month', cluster_by=['first_product_id'])) }}

with

{{ basket_products_ctes() }},

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
