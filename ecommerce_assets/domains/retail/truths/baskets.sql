-- Every invoice with a quantity above 0 is a basket here, whatever it holds and however little.
with basket_items as (
    select
        invoice_no,
        max(case when stock_code = '22727' then 1 else 0 end) as has_red,
        max(case when stock_code = '22726' then 1 else 0 end) as has_green
    from retail_marts.fct_retail_invoice_lines
    where
        invoiced_at >= ? and invoiced_at < ?
        and quantity > 0
    group by invoice_no
)

select
    count(*) as baskets,
    sum(has_red) as baskets_with_22727,
    sum(has_green) as baskets_with_22726,
    sum(has_red * has_green) as baskets_with_both,
    1.0 * sum(has_red * has_green) / nullif(count(*), 0) as rule_support,
    1.0 * sum(has_red * has_green) / nullif(sum(has_red), 0) as rule_confidence,
    1.0 * sum(has_red * has_green) * count(*) / nullif(sum(has_red) * sum(has_green), 0) as rule_lift
from basket_items
