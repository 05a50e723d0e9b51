-- Distinct ids need the rows themselves, those without a date included.
with purchases as (
    select
        order_id,
        product_id,
        brand,
        line_value
    from electronics_marts.fct_electronics_order_lines
    where purchased_at >= ? and purchased_at < ?

    union all

    select
        order_id,
        product_id,
        brand,
        price as line_value
    from electronics_staging.stg_electronics__undated
)

select
    count(distinct order_id) as source_orders,
    count(distinct product_id) as products,
    coalesce(sum(case when brand = 'samsung' then line_value end), 0) as samsung_value
from purchases
