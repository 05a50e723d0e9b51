{{ config(**monthly('event_month')) }}

with

line_hours as (

    select
        purchase_date as sales_date,
        {{ utc_hour('purchased_at') }} as hour_local,
        count(*) as order_lines,
        sum(quantity) as units,
        sum(case when line_value > 0 then line_value else 0 end) as gross_sales,
        sum(case when line_value < 0 then line_value else 0 end) as adjustment_value
    from {{ ref('fct_electronics_order_lines').render() }}
    where {{ in_batch('purchased_at') }}
    group by purchase_date, {{ utc_hour('purchased_at') }}

),

order_hours as (

    select
        order_date,
        {{ utc_hour('ordered_at') }} as hour_local,
        count(*) as orders
    from {{ ref('fct_electronics_orders').render() }}
    where {{ in_batch('ordered_at') }}
    group by order_date, {{ utc_hour('ordered_at') }}

),

-- An order has a line at its own instant, so no hour has orders alone.
final as (

    select
        {{ batch_month() }} as event_month,
        line_hours.sales_date,
        line_hours.hour_local,
        coalesce(order_hours.orders, 0) as orders,
        line_hours.order_lines,
        cast(line_hours.units as {{ type_int64() }}) as units,
        cast(line_hours.gross_sales as {{ type_money() }}) as gross_sales,
        cast(line_hours.adjustment_value as {{ type_money() }}) as adjustment_value,
        cast(line_hours.gross_sales + line_hours.adjustment_value as {{ type_money() }}) as net_sales
    from line_hours
    left join order_hours
        on
            line_hours.sales_date = order_hours.order_date
            and line_hours.hour_local = order_hours.hour_local

)

select * from final
