{{ config(**monthly('event_month', cluster_by=['brand'])) }}

with

-- Lines of the orders that start in the month, and lines of the month: an order counts on its own day,
-- a sale on the line's.
lines as (

    select
        coalesce(brand, {{ unknown_member() }}) as brand,
        order_key,
        ordered_at,
        purchased_at,
        purchase_date,
        quantity,
        line_value
    from {{ ref('fct_electronics_order_lines').render() }}
    where {{ in_batch_and_after('purchased_at', session_reach_days()) }}

),

counted as (

    select
        brand,
        purchase_date as sales_date,
        sum(quantity) as units,
        sum(case when line_value > 0 then line_value else 0 end) as gross_sales,
        sum(line_value) as net_sales,
        0 as orders
    from lines
    where {{ in_batch('purchased_at') }}
    group by brand, purchase_date

    union all

    select
        brand,
        {{ utc_date('ordered_at') }} as sales_date,
        0 as units,
        0 as gross_sales,
        0 as net_sales,
        count(distinct order_key) as orders
    from lines
    where {{ in_batch('ordered_at') }}
    group by brand, {{ utc_date('ordered_at') }}

),

final as (

    select
        {{ batch_month() }} as event_month,
        brand,
        sales_date,
        cast(sum(units) as {{ type_int64() }}) as units,
        cast(sum(orders) as {{ type_int64() }}) as orders,
        cast(sum(gross_sales) as {{ type_money() }}) as gross_sales,
        cast(sum(net_sales) as {{ type_money() }}) as net_sales
    from counted
    group by brand, sales_date

)

select * from final
