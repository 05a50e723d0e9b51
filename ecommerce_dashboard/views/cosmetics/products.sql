-- name: brands
-- Parameters: the first instant of the month.
select
    brand,
    is_unknown,
    sales_rank,
    gross_sales,
    share_num,
    share_den,
    units,
    orders_proxy,
    buyers,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_brand_monthly
where event_month = ?
order by gross_sales desc, brand

-- name: categories
-- Parameters: the first instant of the month.
select
    category_id,
    category_code,
    is_code_known,
    sales_rank,
    gross_sales,
    share_num,
    share_den,
    units,
    orders_proxy,
    buyers,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_category_monthly
where event_month = ?
order by gross_sales desc, category_id

-- name: products
-- Parameters: the first instant of the month.
select
    product_id,
    brand,
    category_code,
    sales_rank,
    gross_sales,
    share_num,
    share_den,
    units,
    orders_proxy,
    buyers,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_product_monthly
where event_month = ?
order by gross_sales desc, product_id
limit 100

-- name: pairs
-- Each pair once per direction: the confidence differs, support and lift do not.
select
    lhs_product_id,
    lhs_brand,
    rhs_product_id,
    rhs_brand,
    n_both,
    n_lhs,
    n_rhs,
    n_baskets,
    support,
    confidence,
    lift,
    kept_share_num,
    kept_share_den,
    window_start_date,
    window_end_date
from cosmetics_marts.mart_product_affinity
order by n_both desc, lift desc, confidence desc, lhs_product_id, rhs_product_id
limit 100

-- name: baskets
select
    sum(orders_proxy) as orders,
    sum(single_product_baskets) as single_product_baskets,
    sum(n_baskets) as n_baskets,
    sum(oversized_baskets) as oversized_baskets
from cosmetics_marts.agg_baskets_monthly
