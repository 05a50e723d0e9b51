-- Parameters: the first and the last day.
select
    before_event,
    sum(checkouts) as checkouts,
    sum(case when is_same_product then checkouts else 0 end) as same_product_checkouts,
    sum(purchase_events) as purchase_events
from cosmetics_marts.agg_purchase_predecessors_daily
where session_date between ? and ?
group by before_event
order by checkouts desc, before_event
