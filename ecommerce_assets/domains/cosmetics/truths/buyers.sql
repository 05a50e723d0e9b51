-- Repeat purchasers have bought in more than one session, by the shop's own session id.
with buyers as (
    select
        user_id,
        count(distinct session_source_id) as n_sessions
    from cosmetics_marts.fct_orders
    where ordered_at >= ? and ordered_at < ?
    group by user_id
)

select count(case when n_sessions > 1 then 1 end) as repeat_purchasers
from buyers
