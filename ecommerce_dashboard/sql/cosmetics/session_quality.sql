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
