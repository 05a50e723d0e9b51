{{ config(**monthly('event_month')) }}

with

purchases as (

    select
        event_date as sales_date,
        {{ utc_hour('event_at') }} as hour_utc,
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
        {{ utc_hour('ordered_at') }} as hour_utc
    from {{ ref('fct_orders').render() }}
    where {{ in_batch('ordered_at') }}

),

hourly_purchases as (

    select
        sales_date,
        hour_utc,
        count(distinct user_id) as buyers,
        count(case when price > 0 then 1 end) as revenue_lines,
        count(case when price < 0 then 1 end) as adjustment_lines,
        count(case when price = 0 then 1 end) as zero_price_lines,
        sum(case when price > 0 then price else 0 end) as gross_sales,
        sum(case when price < 0 then price else 0 end) as adjustment_value,
        sum(price) as all_rows_value
    from purchases
    group by sales_date, hour_utc

),

hourly_orders as (

    select
        order_date,
        hour_utc,
        count(*) as orders_proxy
    from orders
    group by order_date, hour_utc

),

final as (

    select
        {{ month_of_date('hourly_purchases.sales_date') }} as event_month,
        hourly_purchases.sales_date,
        cast(hourly_purchases.hour_utc as {{ type_int64() }}) as hour_utc,
        coalesce(hourly_orders.orders_proxy, 0) as orders_proxy,
        hourly_purchases.buyers,
        hourly_purchases.revenue_lines,
        hourly_purchases.adjustment_lines,
        hourly_purchases.zero_price_lines,
        cast(hourly_purchases.gross_sales as {{ type_money() }}) as gross_sales,
        cast(hourly_purchases.adjustment_value as {{ type_money() }}) as adjustment_value,
        cast(hourly_purchases.all_rows_value as {{ type_money() }}) as all_rows_value
    from hourly_purchases
    left join hourly_orders
        on
            hourly_purchases.sales_date = hourly_orders.order_date
            and hourly_purchases.hour_utc = hourly_orders.hour_utc

)

select * from final
