-- Of one brand, which is asked for by name after the months.
select
    coalesce(sum(quantity), 0) as brand_units,
    coalesce(sum(line_value), 0) as brand_value
from electronics_marts.fct_electronics_order_lines
where
    purchased_at >= ? and purchased_at < ?
    and brand = ?
