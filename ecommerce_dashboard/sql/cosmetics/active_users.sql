-- Parameters: the kind of period (day, week or month), the kind of event.
select
    period_start,
    active_users,
    period_complete
from cosmetics_marts.agg_active_users
where period_kind = ? and event_type = ?
order by period_start
