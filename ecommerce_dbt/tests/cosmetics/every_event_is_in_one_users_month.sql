{{ config(meta={'dagster': {'ref': {'name': 'mart_user_web_analytics'}}}) }}

-- Events of mart_user_web_analytics = events of agg_daily_traffic, by month and type.
with

users as (

    select
        event_month,
        sum(n_views) as view_events,
        sum(n_carts) as cart_events,
        sum(n_removes) as remove_events,
        sum(n_purchases) as purchase_events
    from {{ ref('mart_user_web_analytics') }}
    where {{ in_loaded_window('event_month') }}
    group by event_month

),

traffic as (

    select
        event_month,
        sum(view_events) as view_events,
        sum(cart_events) as cart_events,
        sum(remove_events) as remove_events,
        sum(purchase_events) as purchase_events
    from {{ ref('agg_daily_traffic') }}
    where {{ in_loaded_window('event_month') }}
    group by event_month

)

select traffic.event_month
from traffic
left join users
    on traffic.event_month = users.event_month
where
    users.event_month is null
    or users.view_events <> traffic.view_events
    or users.cart_events <> traffic.cart_events
    or users.remove_events <> traffic.remove_events
    or users.purchase_events <> traffic.purchase_events
