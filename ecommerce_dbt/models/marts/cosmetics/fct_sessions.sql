{{ config(materialized='view', tags=['unpartitioned']) }}

with

sessions as (

    select * from {{ ref('int_cosmetics__sessions') }}

),

user_history as (

    select * from {{ ref('int_cosmetics__user_history') }}

),

reused_sessions as (

    select * from {{ ref('int_cosmetics__reused_sessions') }}

),

final as (

    select
        sessions.session_key,
        sessions.session_source_id,
        sessions.user_id,
        sessions.session_start_at,
        sessions.session_end_at,
        sessions.session_date,
        sessions.session_month,
        sessions.duration_s,
        sessions.n_events,
        sessions.n_views,
        sessions.n_carts,
        sessions.n_removes,
        sessions.n_purchases,
        sessions.n_products_viewed,
        sessions.n_products_carted,
        sessions.n_products_purchased,
        sessions.first_view_at,
        sessions.first_cart_at,
        sessions.first_purchase_at,
        sessions.cart_value_added,
        sessions.cart_value_removed,
        sessions.purchase_value,
        sessions.adjustment_value,
        sessions.reached_view,
        sessions.reached_cart,
        sessions.reached_purchase,
        sessions.is_bounce,
        sessions.is_cart_abandoned,
        coalesce(reused_sessions.n_users_in_source_session, sessions.n_users_in_source_session)
            as n_users_in_source_session,
        sessions.is_valid,
        sessions.invalid_reason,
        sessions.crosses_month_end,
        coalesce(reused_sessions.split_reason, sessions.split_reason) is not null as was_split,
        coalesce(reused_sessions.split_reason, sessions.split_reason) as split_reason,
        user_history.sessions_before + sessions.visit_no_in_month as visit_index,
        sessions.is_valid and user_history.sessions_before + sessions.visit_no_in_month = 1 as is_new_user
    from sessions
    left join user_history
        on
            sessions.user_id = user_history.user_id
            and sessions.session_month = user_history.event_month
    left join reused_sessions
        on sessions.session_key = reused_sessions.session_key

)

select * from final
