{{ config(meta={'dagster': {'ref': {'name': 'agg_sales_hourly'}}}) }}

-- agg_sales_hourly summed over a day = agg_sales_daily, except for distinct buyers.
with

hours as (

    select
        sales_date,
        sum(orders_proxy) as orders_proxy,
        sum(revenue_lines) as revenue_lines,
        sum(gross_sales) as gross_sales,
        sum(adjustment_value) as adjustment_value
    from {{ ref('agg_sales_hourly') }}
    group by sales_date

),

compared as (

    select
        daily.sales_date,
        daily.orders_proxy - coalesce(hours.orders_proxy, 0) as orders_gap,
        daily.revenue_lines - coalesce(hours.revenue_lines, 0) as lines_gap,
        daily.gross_sales - coalesce(hours.gross_sales, 0) as sales_gap,
        daily.adjustment_value - coalesce(hours.adjustment_value, 0) as adjustment_gap
    from {{ ref('agg_sales_daily') }} as daily
    full outer join hours
        on daily.sales_date = hours.sales_date

)

select *
from compared
where
    sales_date is null
    or orders_gap <> 0
    or lines_gap <> 0
    or sales_gap <> 0
    or adjustment_gap <> 0
