{{ config(**monthly('event_month', cluster_by=['user_id'])) }}

with

user_days as (

    select *
    from {{ ref('int_cosmetics__user_days').render() }}
    where {{ in_batch('first_event_at') }}

),

sessions as (

    select
        user_id,
        reached_purchase,
        n_products_viewed,
        purchase_value
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid

),

user_events as (

    select
        event_month,
        user_id,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at,
        min(first_purchase_at) as first_purchase_at,
        count(*) as n_active_days,
        sum(n_events) as n_events,
        sum(n_views) as n_views,
        sum(n_carts) as n_carts,
        sum(n_removes) as n_removes,
        sum(n_purchases) as n_purchases,
        sum(purchase_value) as purchase_value
    from user_days
    group by event_month, user_id

),

user_sessions as (

    select
        user_id,
        count(*) as n_valid_sessions,
        count(case when reached_purchase then 1 end) as n_purchase_sessions,
        sum(n_products_viewed) as n_session_products_viewed,
        sum(purchase_value) as session_purchase_value
    from sessions
    group by user_id

),

final as (

    select
        user_events.event_month,
        user_events.user_id,
        user_events.first_event_at,
        user_events.last_event_at,
        user_events.first_purchase_at,
        user_events.n_active_days,
        cast(user_events.n_events as {{ type_int64() }}) as n_events,
        cast(user_events.n_views as {{ type_int64() }}) as n_views,
        cast(user_events.n_carts as {{ type_int64() }}) as n_carts,
        cast(user_events.n_removes as {{ type_int64() }}) as n_removes,
        cast(user_events.n_purchases as {{ type_int64() }}) as n_purchases,
        cast(user_events.purchase_value as {{ type_money() }}) as purchase_value,
        coalesce(user_sessions.n_valid_sessions, 0) as n_valid_sessions,
        coalesce(user_sessions.n_purchase_sessions, 0) as n_purchase_sessions,
        cast(coalesce(user_sessions.n_session_products_viewed, 0) as {{ type_int64() }}) as n_session_products_viewed,
        cast(coalesce(user_sessions.session_purchase_value, 0) as {{ type_money() }}) as session_purchase_value
    from user_events
    left join user_sessions
        on user_events.user_id = user_sessions.user_id

)

select * from final
