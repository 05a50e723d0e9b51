{{ config(meta={'dagster': {'ref': {'name': 'agg_electronics_sales_daily'}}}) }}

-- The products of mart_electronics_abc and the rows of agg_electronics_data_quality_monthly = the days.
with

days as (

    select
        event_month,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(net_sales) as net_sales
    from {{ ref('agg_electronics_sales_daily') }}
    where {{ in_loaded_window('event_month') }}
    group by event_month

),

products as (

    select
        event_month,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        max(cumulative_share_num) as last_cumulative,
        min(cumulative_share_den) as share_den
    from {{ ref('mart_electronics_abc') }}
    where {{ in_loaded_window('event_month') }}
    group by event_month

)

select
    days.event_month,
    days.units,
    products.units as product_units,
    qualities.all_rows
from days
left join products
    on days.event_month = products.event_month
left join {{ ref('agg_electronics_data_quality_monthly') }} as qualities
    on days.event_month = qualities.event_month
where
    products.event_month is null
    or qualities.event_month is null
    or days.units <> products.units
    or days.units <> qualities.all_rows
    or days.gross_sales <> products.gross_sales
    or days.net_sales <> qualities.all_rows_value
    or products.last_cumulative <> products.share_den
    or days.gross_sales <> products.share_den
