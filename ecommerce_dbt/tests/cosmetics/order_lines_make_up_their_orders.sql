{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}

-- The lines of an order are those that fct_orders counts, also where it goes on in the next month.
with

orders as (

    select
        order_proxy_key,
        n_lines,
        order_value,
        adjustment_value
    from {{ ref('fct_orders') }}
    where
        {{ in_loaded_window('ordered_at') }}
        and {{ in_checked_months('ordered_at') }}

),

lines as (

    select
        order_proxy_key,
        count(*) as n_lines,
        sum(case when price > 0 then price else 0 end) as order_value,
        sum(case when price < 0 then price else 0 end) as adjustment_value
    from {{ ref('fct_order_lines') }}
    where {{ in_loaded_window('event_at') }}
    group by order_proxy_key

)

select
    orders.order_proxy_key,
    orders.n_lines,
    lines.n_lines as found_lines
from orders
left join lines
    on orders.order_proxy_key = lines.order_proxy_key
where
    lines.order_proxy_key is null
    or lines.n_lines <> orders.n_lines
    or lines.order_value <> orders.order_value
    or lines.adjustment_value <> orders.adjustment_value
