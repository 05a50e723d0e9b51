-- What the mart says of one pair, in France and in all countries.
with pairs as (
    select
        n_baskets,
        n_lhs,
        n_rhs,
        n_both,
        case when country = 'France' then 1 end as is_france,
        case when country = '(all countries)' then 1 end as is_everywhere
    from retail_marts.mart_retail_basket_pairs_by_country
    where
        window_start_date >= cast(? as date)
        and window_end_date < cast(? as date)
        and lhs_stock_code = '22726'
        and rhs_stock_code = '22727'
)

select
    max(is_france * n_baskets) as france_baskets,
    max(is_france * n_lhs) as france_baskets_with_22726,
    max(is_france * n_rhs) as france_baskets_with_22727,
    max(is_france * n_both) as france_baskets_with_both,
    max(is_everywhere * n_baskets) as all_baskets_of_the_mart,
    max(is_everywhere * n_both) as all_baskets_with_both_of_the_mart
from pairs
