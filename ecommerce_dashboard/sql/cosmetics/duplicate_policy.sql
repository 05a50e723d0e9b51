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
