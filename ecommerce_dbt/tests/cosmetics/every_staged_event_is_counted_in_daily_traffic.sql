{{ config(meta={'dagster': {'ref': {'name': 'agg_daily_traffic'}}}) }}

-- Events of staging = events of agg_daily_traffic, by month and type. A month that the raw table
-- holds and no run has built yet is not compared.
with

staged as (

    select
        {{ utc_month('event_at') }} as event_month,
        count(*) as events,
        count(case when event_type = 'view' then 1 end) as view_events,
        count(case when event_type = 'cart' then 1 end) as cart_events,
        count(case when event_type = 'remove_from_cart' then 1 end) as remove_events,
        count(case when event_type = 'purchase' then 1 end) as purchase_events
    from {{ ref('stg_cosmetics__events') }}
    where {{ in_loaded_window('event_at') }}
    group by {{ utc_month('event_at') }}

),

counted as (

    select
        event_month,
        sum(events) as events,
        sum(view_events) as view_events,
        sum(cart_events) as cart_events,
        sum(remove_events) as remove_events,
        sum(purchase_events) as purchase_events
    from {{ ref('agg_daily_traffic') }}
    where {{ in_loaded_window('event_month') }}
    group by event_month

)

select
    counted.event_month,
    counted.events,
    staged.events as staged_events
from counted
left join staged
    on counted.event_month = staged.event_month
where
    staged.event_month is null
    or counted.events <> staged.events
    or counted.view_events <> staged.view_events
    or counted.cart_events <> staged.cart_events
    or counted.remove_events <> staged.remove_events
    or counted.purchase_events <> staged.purchase_events
