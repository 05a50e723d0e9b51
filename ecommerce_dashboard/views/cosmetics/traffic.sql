-- name: active_users
-- Parameters: the kind of period (day, week or month), the kind of event.
select
    period_start,
    active_users,
    period_complete
from cosmetics_marts.agg_active_users
where period_kind = ? and event_type = ?
order by period_start

-- name: stickiness
-- Parameters: the kind of event. A day's active users are summed for their mean over the month alone.
select
    by_month.period_start as month_date,
    by_month.period_complete as month_complete,
    by_month.active_users as monthly_users,
    by_month.period_days_observed as days_observed,
    sum(by_day.active_users) as stickiness_num,
    by_month.active_users * by_month.period_days_observed as stickiness_den
from cosmetics_marts.agg_active_users as by_month
inner join cosmetics_marts.agg_active_users as by_day
    on by_month.event_month = by_day.event_month and by_month.event_type = by_day.event_type
where by_month.period_kind = 'month' and by_day.period_kind = 'day' and by_month.event_type = ?
group by 1, 2, 3, 4
order by 1

-- name: lifecycle
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

-- name: traffic
select
    event_date,
    events,
    visitors,
    source_sessions,
    view_events,
    cart_events,
    remove_events,
    purchase_events,
    events_without_session,
    exact_duplicate_events
from cosmetics_marts.agg_daily_traffic
order by event_date

-- name: new_users
select
    event_date,
    visitors,
    new_users,
    returning_users
from cosmetics_marts.agg_daily_new_users
order by event_date
