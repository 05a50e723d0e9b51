{{ config(meta={'dagster': {'ref': {'name': 'agg_purchase_predecessors_daily'}}}) }}

-- Purchase events of agg_purchase_predecessors_daily = those of the sessions, by day, with and without
-- session id.
with

sessions as (

    select
        session_date,
        sum(n_purchases) as n_purchases,
        sum(case when is_valid then 0 else n_purchases end) as n_without_session
    from {{ ref('int_cosmetics__sessions') }}
    where
        {{ in_loaded_window('session_start_at') }}
        and reached_purchase
    group by session_date

),

predecessors as (

    select
        session_date,
        sum(purchase_events) as n_purchases,
        sum(case when before_event = '(no session)' then purchase_events else 0 end) as n_without_session
    from {{ ref('agg_purchase_predecessors_daily') }}
    where {{ in_loaded_window('session_month') }}
    group by session_date

)

select
    sessions.session_date,
    sessions.n_purchases,
    predecessors.n_purchases as counted_purchases
from sessions
full outer join predecessors
    on sessions.session_date = predecessors.session_date
where
    sessions.session_date is null
    or predecessors.session_date is null
    or sessions.n_purchases <> predecessors.n_purchases
    or sessions.n_without_session <> predecessors.n_without_session
