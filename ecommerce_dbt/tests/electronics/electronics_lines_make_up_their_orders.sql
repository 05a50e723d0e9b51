{{ config(meta={'dagster': {'ref': {'name': 'fct_electronics_orders'}}}) }}

-- The lines of an order are those that fct_electronics_orders counts, also where it goes on in the next month.
with

orders as (

    select
        order_key,
        n_lines,
        n_units,
        net_sales
    from {{ ref('fct_electronics_orders') }}
    where
        {{ in_loaded_window('ordered_at') }}
        and {{ in_checked_months('ordered_at') }}

),

lines as (

    select
        order_key,
        count(*) as n_lines,
        sum(quantity) as n_units,
        sum(line_value) as net_sales
    from {{ ref('fct_electronics_order_lines') }}
    -- By the order's start: its last lines may lie after the window.
    where {{ in_loaded_window('ordered_at') }}
    group by order_key

)

select
    orders.order_key,
    orders.n_lines,
    lines.n_lines as found_lines
from orders
left join lines
    on orders.order_key = lines.order_key
where
    lines.order_key is null
    or lines.n_lines <> orders.n_lines
    or lines.n_units <> orders.n_units
    or lines.net_sales <> orders.net_sales
