-- Of one product, which is asked for by its id after the months.
select
    coalesce(sum(quantity), 0) as product_units,
    coalesce(sum(line_value), 0) as product_value
from electronics_marts.fct_electronics_order_lines
where
    purchased_at >= ? and purchased_at < ?
    and product_id = ?
