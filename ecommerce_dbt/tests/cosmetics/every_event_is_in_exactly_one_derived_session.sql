{{ config(meta={'dagster': {'ref': {'name': 'agg_daily_traffic'}}}) }}

-- Events of a month = those in sessions of the month up to its end, and those in sessions of the
-- month before that reach over its end. Exact for every month, the first and the last included.
with

traffic as (

    select
        event_month,
        sum(events) as n_events
    from {{ ref('agg_daily_traffic') }}
    group by event_month

),

session_events as (

    select
        session_month as event_month,
        n_events - n_events_next_month as n_events
    from {{ ref('int_cosmetics__derived_sessions') }}

    union all

    select
        {{ utc_month('session_end_at') }} as event_month,
        n_events_next_month as n_events
    from {{ ref('int_cosmetics__derived_sessions') }}
    where n_events_next_month > 0

),

counted as (

    select
        event_month,
        sum(n_events) as n_events
    from session_events
    group by event_month

)

-- Sessions may reach into a month that the raw table holds and no run has built yet.
select
    traffic.event_month,
    traffic.n_events,
    counted.n_events as session_events
from traffic
left join counted
    on traffic.event_month = counted.event_month
where
    {{ in_checked_months('traffic.event_month') }}
    and (
        counted.event_month is null
        or counted.n_events <> traffic.n_events
    )
