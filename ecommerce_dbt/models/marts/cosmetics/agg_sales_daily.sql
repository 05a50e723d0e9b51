{{ config(**monthly('event_month')) }}

with

daily_traffic as (

    select
        event_month,
        event_date,
        visitors
    from {{ ref('agg_daily_traffic').render() }}
    where {{ in_batch('event_month') }}

),

purchases as (

    select
        event_date,
        user_id,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'purchase'

),

orders as (

    select
        order_date,
        order_value,
        is_session_known
    from {{ ref('fct_orders').render() }}
    where {{ in_batch('ordered_at') }}

),

daily_purchases as (

    select
        event_date,
        count(distinct user_id) as buyers,
        count(case when price > 0 then 1 end) as revenue_lines,
        count(case when price < 0 then 1 end) as adjustment_lines,
        count(case when price = 0 then 1 end) as zero_price_lines,
        sum(case when price > 0 then price else 0 end) as gross_sales,
        sum(case when price < 0 then price else 0 end) as adjustment_value,
        sum(price) as all_rows_value
    from purchases
    group by event_date

),

-- Both sides of the average order value are over the same orders.
daily_orders as (

    select
        order_date,
        count(*) as orders_proxy,
        count(case when order_value > 0 and is_session_known then 1 end) as aov_den,
        sum(case when order_value > 0 and is_session_known then order_value else 0 end) as aov_num
    from orders
    group by order_date

),

final as (

    select
        daily_traffic.event_month,
        daily_traffic.event_date as sales_date,
        daily_traffic.visitors,
        coalesce(daily_purchases.buyers, 0) as buyers,
        coalesce(daily_orders.orders_proxy, 0) as orders_proxy,
        coalesce(daily_purchases.revenue_lines, 0) as revenue_lines,
        coalesce(daily_purchases.adjustment_lines, 0) as adjustment_lines,
        coalesce(daily_purchases.zero_price_lines, 0) as zero_price_lines,
        cast(coalesce(daily_purchases.gross_sales, 0) as {{ type_money() }}) as gross_sales,
        cast(coalesce(daily_purchases.adjustment_value, 0) as {{ type_money() }}) as adjustment_value,
        cast(coalesce(daily_purchases.all_rows_value, 0) as {{ type_money() }}) as all_rows_value,
        cast(coalesce(daily_purchases.gross_sales, 0) as {{ type_money() }}) as revenue_per_visitor_num,
        daily_traffic.visitors as revenue_per_visitor_den,
        cast(coalesce(daily_orders.aov_num, 0) as {{ type_money() }}) as aov_num,
        coalesce(daily_orders.aov_den, 0) as aov_den
    from daily_traffic
    left join daily_purchases
        on daily_traffic.event_date = daily_purchases.event_date
    left join daily_orders
        on daily_traffic.event_date = daily_orders.order_date

)

select * from final
