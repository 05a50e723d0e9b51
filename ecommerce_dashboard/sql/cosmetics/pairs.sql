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
