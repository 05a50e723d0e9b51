-- Of two items, which are asked for by their codes after the months.
with items as (
    select
        invoice_no,
        stock_code
    from retail_marts.fct_retail_invoice_lines
    where
        invoiced_at >= ? and invoiced_at < ?
        and quantity > 0
),

basket_items as (
    select
        invoice_no,
        max(case when stock_code = ? then 1 else 0 end) as has_first,
        max(case when stock_code = ? then 1 else 0 end) as has_second
    from items
    group by invoice_no
)

select
    count(*) as baskets,
    sum(has_first) as with_first,
    sum(has_second) as with_second,
    sum(has_first * has_second) as with_both
from basket_items
