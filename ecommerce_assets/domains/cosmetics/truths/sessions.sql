-- Our sessions put together to the shop's: by session id, whoever the user, however long the gap.
with whole as (
    select
        session_source_id,
        min(user_id) <> max(user_id) as has_several_users,
        min(session_start_at) as started_at,
        max(session_end_at) as ended_at,
        min(first_view_at) as first_view_at,
        min(first_cart_at) as first_cart_at,
        min(first_purchase_at) as first_purchase_at
    from cosmetics_intermediate.int_cosmetics__sessions
    where
        is_valid
        and session_start_at >= ? and session_start_at < ?
    group by session_source_id
)

select
    count(*) as source_sessions,
    count(case when has_several_users then 1 end) as sessions_of_several_users,
    count(case when ended_at > started_at + interval 1 day then 1 end) as sessions_over_a_day,
    count(first_view_at) as sessions_with_view,
    count(first_cart_at) as sessions_with_cart,
    count(first_purchase_at) as sessions_with_purchase,
    count(case when first_cart_at >= first_view_at then 1 end) as sessions_view_then_cart,
    count(
        case when first_cart_at >= first_view_at and first_purchase_at >= first_cart_at then 1 end
    ) as sessions_view_then_cart_then_purchase,
    1.0 * count(first_purchase_at) / nullif(count(*), 0) as session_conversion,
    1.0 * count(case when first_cart_at is not null and first_purchase_at is null then 1 end)
    / nullif(count(first_cart_at), 0) as session_cart_abandonment
from whole
