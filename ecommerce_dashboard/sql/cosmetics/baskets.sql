select
    sum(orders_proxy) as orders,
    sum(single_product_baskets) as single_product_baskets,
    sum(n_baskets) as n_baskets,
    sum(oversized_baskets) as oversized_baskets
from cosmetics_marts.agg_baskets_monthly
