select
    event_date,
    visitors,
    new_users,
    returning_users
from cosmetics_marts.agg_daily_new_users
order by event_date
