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
