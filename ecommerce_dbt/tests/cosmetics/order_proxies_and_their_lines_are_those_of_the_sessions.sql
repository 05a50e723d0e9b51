{{ config(meta={'dagster': {'ref': {'name': 'agg_daily_traffic'}}}) }}

-- Every session with a purchase is one order proxy, with the session's lines and value. The last
-- built month's sessions may buy in a month that is not built yet: those are not compared.
with

last_month as (

    select max(event_month) as event_month
    from {{ ref('agg_daily_traffic') }}

),

sessions as (

    select
        sessions.session_key,
        sessions.n_purchases,
        sessions.purchase_value
    from {{ ref('int_cosmetics__sessions') }} as sessions
    cross join last_month
    where
        {{ in_loaded_window('sessions.session_start_at') }}
        and {{ utc_month('sessions.first_purchase_at') }} <= last_month.event_month

)

select
    sessions.session_key,
    orders.order_proxy_key
from sessions
left join {{ ref('fct_orders') }} as orders
    on sessions.session_key = orders.session_key
where
    orders.order_proxy_key is null
    or orders.n_lines <> sessions.n_purchases
    or orders.order_value <> sessions.purchase_value
