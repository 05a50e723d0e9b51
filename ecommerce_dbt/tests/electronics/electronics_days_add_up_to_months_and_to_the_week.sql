{{ config(meta={'dagster': {'ref': {'name': 'agg_electronics_sales_monthly'}}}) }}

-- The days = the months of the trend = the hours of the week.
with

days as (

    select
        sum(orders) as orders,
        sum(units) as units,
        sum(net_sales) as net_sales,
        sum(aov_gross_num) as aov_num
    from {{ ref('agg_electronics_sales_daily') }}

),

months as (

    select
        sum(orders) as orders,
        sum(units) as units,
        sum(net_sales) as net_sales,
        sum(aov_gross_num) as aov_num
    from {{ ref('agg_electronics_sales_monthly') }}

),

week_hours as (

    select
        sum(orders) as orders,
        sum(units) as units,
        sum(net_sales) as net_sales,
        count(case when is_peak and hours_observed = 0 then 1 end) as unobserved_peaks
    from {{ ref('agg_electronics_sales_hour_grid') }}

)

select
    days.orders,
    months.orders as month_orders,
    week_hours.orders as week_orders
from days
cross join months
cross join week_hours
where
    days.orders <> months.orders
    or days.units <> months.units
    or days.net_sales <> months.net_sales
    or days.aov_num <> months.aov_num
    or days.orders <> week_hours.orders
    or days.units <> week_hours.units
    or days.net_sales <> week_hours.net_sales
    or week_hours.unobserved_peaks > 0
