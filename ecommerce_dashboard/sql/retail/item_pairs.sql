-- Parameters: the stock code.
select
    rhs_stock_code,
    rhs_description,
    n_both,
    n_lhs,
    n_rhs,
    confidence,
    lift
from retail_marts.mart_retail_basket_pairs
where lhs_stock_code = ?
order by lift desc, rhs_stock_code
limit 10
