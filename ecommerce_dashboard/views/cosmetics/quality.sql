-- name: path_edges
-- Parameters: the first and the last day.
select
    from_state,
    to_state,
    sum(n) as n,
    sum(sessions) as sessions
from cosmetics_marts.fct_path_edges
where session_date between ? and ?
group by from_state, to_state
order by n desc, from_state, to_state

-- name: session_agreement
-- Parameters: the first and the last day.
select
    session_date,
    source_sessions,
    derived_sessions,
    differing_num,
    differing_den
from cosmetics_marts.agg_session_agreement_daily
where session_date between ? and ?
order by session_date

-- name: duplicate_policy
-- Parameters: the first and the last day.
select
    figure,
    sum(value_as_is) as value_as_is,
    sum(value_exact_row) as value_exact_row,
    sum(difference) as difference
from cosmetics_marts.agg_duplicate_policy_daily
where event_date between ? and ?
group by figure
order by figure

-- name: session_quality
-- Parameters: the first and the last day.
select
    session_date,
    valid_sessions,
    invalid_sessions,
    invalid_null_session,
    split_over_24h,
    split_gap_over_24h,
    split_several_users,
    over_midnight,
    bounce_num,
    bounce_den,
    conversion_num,
    conversion_den,
    cart_abandonment_num,
    cart_abandonment_den
from cosmetics_marts.agg_session_quality_daily
where session_date between ? and ?
order by session_date
