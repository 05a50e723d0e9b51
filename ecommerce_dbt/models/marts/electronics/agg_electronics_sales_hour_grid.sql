{{ config(tags=['unpartitioned']) }}

with

span as (

    select
        observed_from,
        observed_to,
        {{ utc_hour('first_purchase_at') }} as first_hour,
        {{ utc_hour('last_purchase_at') }} as last_hour,
        23 as last_of_day
    from {{ ref('int_electronics__observed_span') }}

),

days as (

    select
        sales_date,
        {{ days_between(iso_week_start('sales_date'), 'sales_date') }} + 1 as weekday_iso
    from {{ ref('agg_electronics_sales_daily') }}

),

day_hours as (

    select
        observed_from,
        observed_to,
        first_hour,
        last_hour,
        hour_local
    from span
    cross join {{ each_whole_number('last_of_day', 'hour_local') }}

),

-- Observed are the hours from the first sale's to the last sale's, of days with any sale.
observed as (

    select
        days.weekday_iso,
        day_hours.hour_local,
        count(
            case
                when
                    (days.sales_date > day_hours.observed_from or day_hours.hour_local >= day_hours.first_hour)
                    and (days.sales_date < day_hours.observed_to or day_hours.hour_local <= day_hours.last_hour)
                    then 1
            end
        ) as hours_observed
    from days
    cross join day_hours
    group by days.weekday_iso, day_hours.hour_local

),

sold as (

    select
        days.weekday_iso,
        hourly.hour_local,
        sum(hourly.orders) as orders,
        sum(hourly.units) as units,
        sum(hourly.gross_sales) as gross_sales,
        sum(hourly.net_sales) as net_sales
    from {{ ref('agg_electronics_sales_hourly') }} as hourly
    inner join days
        on hourly.sales_date = days.sales_date
    group by days.weekday_iso, hourly.hour_local

),

measured as (

    select
        observed.weekday_iso,
        observed.hour_local,
        observed.hours_observed,
        cast(coalesce(sold.orders, 0) as {{ type_int64() }}) as orders,
        cast(coalesce(sold.units, 0) as {{ type_int64() }}) as units,
        cast(coalesce(sold.gross_sales, 0) as {{ type_money() }}) as gross_sales,
        cast(coalesce(sold.net_sales, 0) as {{ type_money() }}) as net_sales,
        {{ rounded_ratio('coalesce(sold.orders, 0)', 'observed.hours_observed') }} as mean_orders
    from observed
    left join sold
        on
            observed.weekday_iso = sold.weekday_iso
            and observed.hour_local = sold.hour_local

),

final as (

    select
        weekday_iso,
        hour_local,
        hours_observed,
        orders,
        units,
        gross_sales,
        net_sales,
        mean_orders,
        coalesce(mean_orders = max(mean_orders) over (), false) as is_peak,
        coalesce(mean_orders = max(mean_orders) over (partition by weekday_iso), false) as is_peak_of_weekday
    from measured

)

select * from final
