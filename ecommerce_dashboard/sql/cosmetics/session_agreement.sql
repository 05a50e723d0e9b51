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
