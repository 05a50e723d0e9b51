select
    count(case when event_type = 'view' then 1 end) as duplicate_rows_view,
    count(case when event_type = 'cart' then 1 end) as duplicate_rows_cart,
    count(case when event_type = 'remove_from_cart' then 1 end) as duplicate_rows_remove_from_cart,
    count(case when event_type = 'purchase' then 1 end) as duplicate_rows_purchase
from cosmetics_intermediate.int_cosmetics__exact_duplicates
where event_at >= ? and event_at < ?
