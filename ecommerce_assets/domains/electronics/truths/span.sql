select
    coalesce(sum(case when sales_date < date '2020-01-05' then units else 0 end), 0) as rows_before_the_first_day,
    max(last_purchase_at) as last_purchase_at
from electronics_marts.agg_electronics_sales_daily
where event_month >= ? and event_month < ?
