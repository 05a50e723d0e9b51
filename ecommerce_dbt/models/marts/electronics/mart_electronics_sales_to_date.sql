{{ config(tags=['unpartitioned']) }}

with

as_of_dates as (

    select *
    from {{ ref('int_electronics__as_of_dates') }}

),

days as (

    select *
    from {{ ref('agg_electronics_sales_daily') }}

),

placed as (

    select
        *,
        {{ year_start('as_of_date') }} as year_start_date,
        {{ plus_months(month_start('as_of_date'), -12) }} as prior_month_date,
        {{ days_between(month_start('as_of_date'), 'as_of_date') }} as days_into_month
    from as_of_dates

),

-- The same days of the year before; 29 February is compared up to the 28th.
windows as (

    select
        as_of_date,
        is_week_end,
        is_latest,
        year_start_date,
        {{ plus_months('year_start_date', -12) }} as prior_year_start_date,
        least(
            {{ plus_days('prior_month_date', 'days_into_month') }},
            {{ plus_days(plus_months('prior_month_date', 1), -1) }}
        ) as prior_as_of_date
    from placed

),

this_year as (

    select
        windows.as_of_date,
        count(*) as days_observed,
        sum(days.orders) as orders,
        sum(days.units) as units,
        sum(days.gross_sales) as gross_sales,
        sum(days.net_sales) as net_sales,
        sum(days.aov_gross_num) as aov_gross_num,
        sum(days.aov_gross_den) as aov_gross_den,
        sum(days.aov_net_num) as aov_net_num,
        sum(days.aov_net_den) as aov_net_den
    from windows
    inner join days
        on
            windows.year_start_date <= days.sales_date
            and windows.as_of_date >= days.sales_date
    group by windows.as_of_date

),

year_before as (

    select
        windows.as_of_date,
        count(*) as days_observed,
        sum(days.orders) as orders,
        sum(days.gross_sales) as gross_sales,
        sum(days.net_sales) as net_sales
    from windows
    inner join days
        on
            windows.prior_year_start_date <= days.sales_date
            and windows.prior_as_of_date >= days.sales_date
    group by windows.as_of_date

),

compared as (

    select
        windows.*,
        {{ days_between('windows.year_start_date', 'windows.as_of_date') }} + 1 as window_days_expected,
        coalesce(this_year.days_observed, 0) as window_days_observed,
        coalesce(this_year.orders, 0) as orders,
        coalesce(this_year.units, 0) as units,
        coalesce(this_year.gross_sales, 0) as gross_sales,
        coalesce(this_year.net_sales, 0) as net_sales,
        coalesce(this_year.aov_gross_num, 0) as aov_gross_num,
        coalesce(this_year.aov_gross_den, 0) as aov_gross_den,
        coalesce(this_year.aov_net_num, 0) as aov_net_num,
        coalesce(this_year.aov_net_den, 0) as aov_net_den,
        {{ days_between('windows.prior_year_start_date', 'windows.prior_as_of_date') }} + 1 as prior_days_expected,
        coalesce(year_before.days_observed, 0) as prior_days_observed,
        coalesce(year_before.days_observed, 0)
        = {{ days_between('windows.prior_year_start_date', 'windows.prior_as_of_date') }} + 1 as prior_complete,
        year_before.orders as orders_before,
        year_before.gross_sales as gross_sales_before,
        year_before.net_sales as net_sales_before
    from windows
    left join this_year
        on windows.as_of_date = this_year.as_of_date
    left join year_before
        on windows.as_of_date = year_before.as_of_date

),

final as (

    select
        as_of_date,
        is_week_end,
        is_latest,
        year_start_date,
        window_days_expected,
        window_days_observed,
        window_days_observed = window_days_expected as window_complete,
        cast(orders as {{ type_int64() }}) as orders,
        cast(units as {{ type_int64() }}) as units,
        cast(gross_sales as {{ type_money() }}) as gross_sales,
        cast(net_sales as {{ type_money() }}) as net_sales,
        cast(aov_gross_num as {{ type_money() }}) as aov_gross_num,
        cast(aov_gross_den as {{ type_int64() }}) as aov_gross_den,
        cast(aov_net_num as {{ type_money() }}) as aov_net_num,
        cast(aov_net_den as {{ type_int64() }}) as aov_net_den,
        prior_as_of_date,
        prior_days_expected,
        prior_days_observed,
        prior_complete,
        case when prior_complete then cast(orders_before as {{ type_int64() }}) end as prior_orders,
        case when prior_complete then cast(gross_sales_before as {{ type_money() }}) end as prior_gross_sales,
        case when prior_complete then cast(net_sales_before as {{ type_money() }}) end as prior_net_sales
    from compared

)

select * from final
