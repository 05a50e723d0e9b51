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
