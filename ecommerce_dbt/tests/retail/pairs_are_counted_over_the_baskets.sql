{{ config(meta={'dagster': {'ref': {'name': 'fct_retail_basket'}}}) }}

-- What a pair says of its items and of all baskets is what the baskets say.
with

baskets as (

    select count(distinct invoice_no) as n_baskets
    from {{ ref('fct_retail_basket') }}

),

items as (

    select
        stock_code,
        count(*) as n_baskets
    from {{ ref('fct_retail_basket') }}
    group by stock_code

)

select
    pairs.lhs_stock_code,
    pairs.rhs_stock_code
from {{ ref('mart_retail_basket_pairs') }} as pairs
cross join baskets
left join items as lhs
    on pairs.lhs_stock_code = lhs.stock_code
left join items as rhs
    on pairs.rhs_stock_code = rhs.stock_code
where
    pairs.n_baskets <> baskets.n_baskets
    or coalesce(pairs.n_lhs <> lhs.n_baskets, true)
    or coalesce(pairs.n_rhs <> rhs.n_baskets, true)
