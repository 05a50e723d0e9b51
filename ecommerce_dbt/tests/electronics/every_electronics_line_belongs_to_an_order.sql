{{ config(meta={'dagster': {'ref': {'name': 'fct_electronics_order_lines'}}}) }}

-- Each line's order is in fct_electronics_orders, also where it began in the month before.
select
    order_lines.order_key,
    order_lines.purchased_at
from {{ ref('fct_electronics_order_lines') }} as order_lines
left join {{ ref('fct_electronics_orders') }} as orders
    on order_lines.order_key = orders.order_key
where
    {{ in_loaded_window('order_lines.purchased_at') }}
    and {{ in_checked_months('order_lines.purchased_at') }}
    and orders.order_key is null
