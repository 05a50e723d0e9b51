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
