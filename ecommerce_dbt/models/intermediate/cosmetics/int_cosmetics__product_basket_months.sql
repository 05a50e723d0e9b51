{{ config(**monthly('order_month', cluster_by=['product_id'])) }}

with

{{ basket_products_ctes() }},

final as (

    select
        {{ batch_month() }} as order_month,
        product_id,
        count(*) as n_baskets
    from basket_products
    group by product_id

)

select * from final
