{{ config(**monthly('first_event_at', cluster_by=['user_id'])) }}

with

events as (

    select
        user_id,
        event_at,
        event_date,
        event_type,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

-- Order proxies as fct_orders counts them: sessions by their first purchase, which may follow the
-- session's start over a month's end.
order_days as (

    select
        user_id,
        {{ utc_date('first_purchase_at') }} as event_date,
        count(*) as orders_proxy
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at', reach_days=session_reach_days()) }}
        and {{ in_batch('first_purchase_at') }}
    group by user_id, {{ utc_date('first_purchase_at') }}

),

days as (

    select
        user_id,
        event_date,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        min(case when event_type = 'purchase' then event_at end) as first_purchase_at,
        count(*) as n_events,
        count(case when event_type = 'view' then 1 end) as n_views,
        count(case when event_type = 'cart' then 1 end) as n_carts,
        count(case when event_type = 'remove_from_cart' then 1 end) as n_removes,
        count(case when event_type = 'purchase' then 1 end) as n_purchases,
        sum(case when event_type = 'purchase' and price > 0 then price else 0 end) as purchase_value
    from events
    group by user_id, event_date

),

-- The user's days within the month: what lies before it, int_cosmetics__user_history knows.
final as (

    select
        {{ utc_month('days.first_event_at') }} as event_month,
        days.event_date,
        days.user_id,
        days.first_event_at,
        days.last_event_at,
        days.first_purchase_at,
        days.n_events,
        days.n_views,
        days.n_carts,
        days.n_removes,
        days.n_purchases,
        cast(days.purchase_value as {{ type_money() }}) as purchase_value,
        coalesce(order_days.orders_proxy, 0) as orders_proxy,
        first_value(days.event_date) over (
            partition by days.user_id
            order by days.event_date
        ) as first_date_in_month,
        lag(days.event_date) over (
            partition by days.user_id
            order by days.event_date
        ) as previous_date_in_month
    from days
    left join order_days
        on
            days.user_id = order_days.user_id
            and days.event_date = order_days.event_date

)

select * from final
