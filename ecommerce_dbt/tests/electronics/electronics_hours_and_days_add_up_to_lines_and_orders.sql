{{ config(meta={'dagster': {'ref': {'name': 'agg_electronics_sales_hourly'}}}) }}

-- agg_electronics_sales_hourly summed over a day = agg_electronics_sales_daily = the facts.
with

hours as (

    select
        sales_date,
        sum(orders) as orders,
        sum(order_lines) as order_lines,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(net_sales) as net_sales
    from {{ ref('agg_electronics_sales_hourly') }}
    where {{ in_loaded_window('event_month') }}
    group by sales_date

),

days as (

    select *
    from {{ ref('agg_electronics_sales_daily') }}
    where {{ in_loaded_window('event_month') }}

),

lines as (

    select
        purchase_date,
        count(*) as order_lines,
        sum(quantity) as units,
        sum(line_value) as net_sales
    from {{ ref('fct_electronics_order_lines') }}
    where {{ in_loaded_window('purchased_at') }}
    group by purchase_date

),

orders as (

    select
        order_date,
        count(*) as orders
    from {{ ref('fct_electronics_orders') }}
    where {{ in_loaded_window('ordered_at') }}
    group by order_date

)

select
    days.sales_date,
    days.orders,
    days.units
from days
full outer join hours
    on days.sales_date = hours.sales_date
full outer join lines
    on days.sales_date = lines.purchase_date
left join orders
    on days.sales_date = orders.order_date
where
    days.sales_date is null
    or coalesce(days.orders <> hours.orders, true)
    or days.order_lines <> hours.order_lines
    or days.units <> hours.units
    or days.gross_sales <> hours.gross_sales
    or days.net_sales <> hours.net_sales
    or coalesce(days.order_lines <> lines.order_lines, true)
    or days.units <> lines.units
    or days.net_sales <> lines.net_sales
    or days.orders <> coalesce(orders.orders, 0)
