select
    count(distinct months.user_id) as users,
    count(distinct case when months.n_purchases > 0 then months.user_id end) as purchasing_users,
    count(case when history.is_first_month then 1 end) as new_users,
    count(case when not history.is_first_month then 1 end) as returning_users
from cosmetics_intermediate.int_cosmetics__user_months as months
inner join cosmetics_intermediate.int_cosmetics__user_history as history
    on
        months.user_id = history.user_id
        and months.event_month = history.event_month
where months.event_month >= ? and months.event_month < ?
