{{ config(meta={'dagster': {'ref': {'name': 'agg_sales_daily'}}}) }}

-- Every order proxy and every price above 0 of a day is on exactly one user's day.
with

user_days as (

    select
        event_date,
        count(*) as visitors,
        sum(orders_proxy) as orders_proxy,
        sum(purchase_value) as gross_sales
    from {{ ref('int_cosmetics__user_days') }}
    where {{ in_loaded_window('first_event_at') }}
    group by event_date

),

daily_sales as (

    select
        sales_date,
        visitors,
        orders_proxy,
        gross_sales
    from {{ ref('agg_sales_daily') }}
    where {{ in_loaded_window('event_month') }}

)

select
    daily_sales.sales_date,
    user_days.orders_proxy,
    user_days.gross_sales
from daily_sales
left join user_days
    on daily_sales.sales_date = user_days.event_date
where
    user_days.event_date is null
    or user_days.visitors <> daily_sales.visitors
    or user_days.orders_proxy <> daily_sales.orders_proxy
    or user_days.gross_sales <> daily_sales.gross_sales
