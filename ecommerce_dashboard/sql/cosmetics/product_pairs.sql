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
