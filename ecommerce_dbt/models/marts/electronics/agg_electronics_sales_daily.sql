{{ config(**monthly('event_month')) }}

with

line_days as (

    select
        purchase_date as sales_date,
        min(purchased_at) as first_purchase_at,
        max(purchased_at) as last_purchase_at,
        count(distinct user_id) as buyers_known,
        count(distinct product_id) as products,
        count(*) as order_lines,
        sum(quantity) as units,
        sum(case when user_id is null then quantity else 0 end) as units_without_user,
        sum(case when price is null then quantity else 0 end) as units_without_price,
        sum(case when price = 0 then quantity else 0 end) as units_at_zero,
        sum(case when line_value > 0 then line_value else 0 end) as gross_sales,
        sum(case when line_value < 0 then line_value else 0 end) as adjustment_value
    from {{ ref('fct_electronics_order_lines').render() }}
    where {{ in_batch('purchased_at') }}
    group by purchase_date

),

-- Both sides of an average order value are over the same orders.
order_days as (

    select
        order_date,
        count(*) as orders,
        sum(case when gross_sales > 0 then gross_sales else 0 end) as aov_gross_num,
        count(case when gross_sales > 0 then 1 end) as aov_gross_den,
        sum(case when net_sales > 0 then net_sales else 0 end) as aov_net_num,
        count(case when net_sales > 0 then 1 end) as aov_net_den
    from {{ ref('fct_electronics_orders').render() }}
    where {{ in_batch('ordered_at') }}
    group by order_date

),

final as (

    select
        {{ batch_month() }} as event_month,
        line_days.sales_date,
        line_days.first_purchase_at,
        line_days.last_purchase_at,
        coalesce(order_days.orders, 0) as orders,
        line_days.buyers_known,
        line_days.products,
        line_days.order_lines,
        cast(line_days.units as {{ type_int64() }}) as units,
        cast(line_days.units_without_user as {{ type_int64() }}) as units_without_user,
        cast(line_days.units_without_price as {{ type_int64() }}) as units_without_price,
        cast(line_days.units_at_zero as {{ type_int64() }}) as units_at_zero,
        cast(line_days.gross_sales as {{ type_money() }}) as gross_sales,
        cast(line_days.adjustment_value as {{ type_money() }}) as adjustment_value,
        cast(line_days.gross_sales + line_days.adjustment_value as {{ type_money() }}) as net_sales,
        cast(coalesce(order_days.aov_gross_num, 0) as {{ type_money() }}) as aov_gross_num,
        coalesce(order_days.aov_gross_den, 0) as aov_gross_den,
        cast(coalesce(order_days.aov_net_num, 0) as {{ type_money() }}) as aov_net_num,
        coalesce(order_days.aov_net_den, 0) as aov_net_den
    from line_days
    left join order_days
        on line_days.sales_date = order_days.order_date

)

select * from final
