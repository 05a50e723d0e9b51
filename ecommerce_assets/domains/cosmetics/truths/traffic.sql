select
    sum(events) as rows_all,
    sum(view_events) as rows_view,
    sum(cart_events) as rows_cart,
    sum(remove_events) as rows_remove_from_cart,
    sum(purchase_events) as rows_purchase,
    sum(events_without_session) as rows_without_session,
    sum(exact_duplicate_events) as duplicate_rows
from cosmetics_marts.agg_daily_traffic
where event_month >= ? and event_month < ?
