{{ config(**monthly('event_month')) }}

{%- set counted = ['view_events', 'cart_events', 'remove_events', 'purchase_events'] %}
{%- set figures = counted + [
    'revenue_lines', 'gross_sales', 'adjustment_value', 'all_rows_value', 'orders_proxy', 'net_cart_events'
] %}

with

traffic as (

    select *
    from {{ ref('agg_daily_traffic').render() }}
    where {{ in_batch('event_month') }}

),

sales as (

    select *
    from {{ ref('agg_sales_daily').render() }}
    where {{ in_batch('event_month') }}

),

repeats as (

    select
        event_date,
        event_type,
        user_id,
        price
    from {{ ref('int_cosmetics__exact_duplicates').render() }}
    where {{ in_batch('event_at') }}

),

cart_events as (

    select
        event_date,
        event_type,
        user_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type in ('cart', 'remove_from_cart')

),

lines as (

    select
        order_proxy_key,
        event_at
    from {{ ref('fct_order_lines').render() }}
    where
        {{ in_batch('event_at') }}
        and not is_exact_duplicate

),

orders as (

    select
        order_proxy_key,
        ordered_at,
        order_date
    from {{ ref('fct_orders').render() }}
    where {{ in_batch('ordered_at') }}

),

daily_repeats as (

    select
        event_date,
        count(case when event_type = 'view' then 1 end) as view_events,
        count(case when event_type = 'cart' then 1 end) as cart_events,
        count(case when event_type = 'remove_from_cart' then 1 end) as remove_events,
        count(case when event_type = 'purchase' then 1 end) as purchase_events,
        count(case when event_type = 'purchase' and price > 0 then 1 end) as revenue_lines,
        sum(case when event_type = 'purchase' and price > 0 then price else 0 end) as gross_sales,
        sum(case when event_type = 'purchase' and price < 0 then price else 0 end) as adjustment_value,
        sum(case when event_type = 'purchase' then price else 0 end) as all_rows_value
    from repeats
    group by event_date

),

-- An order stays one when the row that opened it is not a repeat.
daily_orders as (

    select
        orders.order_date,
        count(distinct orders.order_proxy_key) as orders_proxy
    from orders
    inner join lines
        on
            orders.order_proxy_key = lines.order_proxy_key
            and orders.ordered_at = lines.event_at
    group by orders.order_date

),

user_carts as (

    select
        event_date,
        user_id,
        sum(case when event_type = 'cart' then 1 else -1 end) as net_events
    from cart_events
    group by event_date, user_id

),

user_repeats as (

    select
        event_date,
        user_id,
        sum(case when event_type = 'cart' then 1 else -1 end) as net_events
    from repeats
    where event_type in ('cart', 'remove_from_cart')
    group by event_date, user_id

),

daily_net_carts as (

    select
        user_carts.event_date,
        sum(greatest(user_carts.net_events, 0)) as as_is,
        sum(greatest(user_carts.net_events - coalesce(user_repeats.net_events, 0), 0)) as exact_row
    from user_carts
    left join user_repeats
        on
            user_carts.event_date = user_repeats.event_date
            and user_carts.user_id = user_repeats.user_id
    group by user_carts.event_date

),

days as (

    select
        traffic.event_month,
        traffic.event_date,
        {% for figure in counted -%}
        traffic.{{ figure }} as {{ figure }}_as_is,
        traffic.{{ figure }} - coalesce(daily_repeats.{{ figure }}, 0) as {{ figure }}_exact_row,
        {% endfor -%}
        {% for figure in ['revenue_lines', 'gross_sales', 'adjustment_value', 'all_rows_value'] -%}
        sales.{{ figure }} as {{ figure }}_as_is,
        sales.{{ figure }} - coalesce(daily_repeats.{{ figure }}, 0) as {{ figure }}_exact_row,
        {% endfor -%}
        sales.orders_proxy as orders_proxy_as_is,
        coalesce(daily_orders.orders_proxy, 0) as orders_proxy_exact_row,
        coalesce(daily_net_carts.as_is, 0) as net_cart_events_as_is,
        coalesce(daily_net_carts.exact_row, 0) as net_cart_events_exact_row
    from traffic
    inner join sales
        on traffic.event_date = sales.sales_date
    left join daily_repeats
        on traffic.event_date = daily_repeats.event_date
    left join daily_orders
        on traffic.event_date = daily_orders.order_date
    left join daily_net_carts
        on traffic.event_date = daily_net_carts.event_date

),

final as (

    {% for figure in figures -%}
    select
        event_month,
        event_date,
        '{{ figure }}' as figure,
        cast({{ figure }}_as_is as {{ type_money() }}) as value_as_is,
        cast({{ figure }}_exact_row as {{ type_money() }}) as value_exact_row,
        cast({{ figure }}_as_is - {{ figure }}_exact_row as {{ type_money() }}) as difference
    from days
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select * from final
