{{ config(meta={'dagster': {'ref': {'name': 'mart_electronics_brand_rank'}}}) }}

-- Brands of a window add up to the days of the window, in units and net sales, and shares to a whole.
with

windows as (

    select
        as_of_date,
        window_weeks,
        min(window_start_date) as window_start_date,
        sum(units) as units,
        sum(net_sales) as net_sales,
        sum(share_num) as share_num,
        min(share_den) as share_den,
        max(share_den) as other_share_den
    from {{ ref('mart_electronics_brand_rank') }}
    group by as_of_date, window_weeks

),

days as (

    select
        windows.as_of_date,
        windows.window_weeks,
        sum(daily.units) as units,
        sum(daily.net_sales) as net_sales
    from windows
    inner join {{ ref('agg_electronics_sales_daily') }} as daily
        on
            windows.window_start_date <= daily.sales_date
            and windows.as_of_date >= daily.sales_date
    group by windows.as_of_date, windows.window_weeks

)

select
    windows.as_of_date,
    windows.window_weeks,
    windows.net_sales,
    days.net_sales as sales_of_the_days
from windows
left join days
    on
        windows.as_of_date = days.as_of_date
        and windows.window_weeks = days.window_weeks
where
    days.as_of_date is null
    or windows.units <> days.units
    or windows.net_sales <> days.net_sales
    or windows.share_num <> windows.share_den
    or windows.share_den <> windows.other_share_den
