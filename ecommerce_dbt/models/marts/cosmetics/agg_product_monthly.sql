{{ config(**monthly('event_month', cluster_by=['product_id'])) }}

with

described_events as (

    select
        product_id,
        category_id,
        category_code,
        brand,
        min(case when price > 0 then price end) as lowest_price,
        max(case when price > 0 then price end) as highest_price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}
    group by product_id, category_id, category_code, brand

),

-- A product has one brand and one category as a rule; where rows differ the first in order stands.
products as (

    select
        product_id,
        min(category_id) as category_id,
        min(category_code) as category_code,
        min(brand) as brand,
        count(distinct category_id) as n_categories,
        count(distinct brand) as n_brands,
        min(lowest_price) as lowest_price,
        max(highest_price) as highest_price
    from described_events
    group by product_id

),

{{ performance_ctes({'product_id': 'product_id'}) }},

final as (

    select
        {{ batch_month() }} as event_month,
        performance.product_id,
        products.category_id,
        coalesce(products.category_code, {{ unknown_member() }}) as category_code,
        coalesce(products.brand, {{ unknown_member() }}) as brand,
        products.n_categories,
        products.n_brands,
        cast(products.lowest_price as {{ type_money() }}) as lowest_price,
        cast(products.highest_price as {{ type_money() }}) as highest_price,
        {{ performance_columns() }}
    from performance
    inner join products
        on performance.product_id = products.product_id

)

select * from final
