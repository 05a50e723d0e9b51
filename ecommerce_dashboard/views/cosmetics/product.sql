-- name: months
-- Parameters: the product.
select
    cast(event_month as date) as month_date,
    brand,
    category_id,
    category_code,
    lowest_price,
    highest_price,
    view_events,
    cart_events,
    remove_events,
    viewers,
    buyers,
    units,
    orders_proxy,
    gross_sales,
    adjustment_value,
    sales_rank,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_product_monthly
where product_id = ?
order by event_month

-- name: pairs
-- Parameters: the product.
select
    rhs_product_id,
    rhs_brand,
    n_both,
    n_lhs,
    n_rhs,
    n_baskets,
    support,
    confidence,
    lift
from cosmetics_marts.mart_product_affinity
where lhs_product_id = ?
order by n_both desc, lift desc, rhs_product_id
limit 20

-- name: ids
select
    product_id,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_product_monthly
group by product_id
order by gross_sales desc, product_id
limit 500
