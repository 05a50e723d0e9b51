-- Parameters: the kind of period (day, week or month).
select
    period_start,
    new_users,
    returning_users,
    resurrecting_users,
    dormant_users,
    is_left_truncated,
    period_complete
from cosmetics_marts.agg_user_lifecycle
where period_kind = ?
order by period_start
