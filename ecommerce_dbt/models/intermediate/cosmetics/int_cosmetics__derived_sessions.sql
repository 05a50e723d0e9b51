{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}

with

events as (

    select
        user_id,
        event_at,
        source_row_no
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at', reach_days=session_reach_days()) }}

),

users as (

    select
        user_id,
        min(event_at) as session_start_at,
        max(event_at) as session_end_at,
        count(*) as n_events
    from events
    group by user_id

),

-- Users who are idle nowhere have one session; only the others need window functions.
one_visit_users as (

    select *
    from users
    where {{ epoch_micros('session_end_at') }} - {{ epoch_micros('session_start_at') }} < {{ idle_us }}

),

other_users as (

    select user_id
    from users
    where {{ epoch_micros('session_end_at') }} - {{ epoch_micros('session_start_at') }} >= {{ idle_us }}

),

-- One sort gives a user's events their places and their neighbours.
placed_events as (

    select
        events.user_id,
        events.event_at,
        row_number() over (
            partition by events.user_id
            order by events.event_at, events.source_row_no
        ) as place,
        lag(events.event_at) over (
            partition by events.user_id
            order by events.event_at, events.source_row_no
        ) as previous_event_at,
        lead(events.event_at) over (
            partition by events.user_id
            order by events.event_at, events.source_row_no
        ) as next_event_at
    from events
    inner join other_users
        on events.user_id = other_users.user_id

),

-- What lies between the first and the last event of a run is not looked at again.
run_ends as (

    select
        user_id,
        event_at,
        place,
        coalesce(
            {{ epoch_micros('event_at') }} - {{ epoch_micros('previous_event_at') }} >= {{ idle_us }}, true
        ) as is_first,
        coalesce(
            {{ epoch_micros('next_event_at') }} - {{ epoch_micros('event_at') }} >= {{ idle_us }}, true
        ) as is_last
    from placed_events

),

paired_run_ends as (

    select
        *,
        lead(event_at) over (partition by user_id order by place) as next_event_at,
        lead(place) over (partition by user_id order by place) as next_place
    from run_ends
    where is_first or is_last

),

runs as (

    select
        user_id,
        event_at as session_start_at,
        case when is_last then event_at else next_event_at end as session_end_at,
        case when is_last then 1 else next_place - place + 1 end as n_events
    from paired_run_ends
    where is_first

),

long_runs as (

    select
        user_id,
        session_start_at,
        session_end_at
    from runs
    where {{ epoch_micros('session_end_at') }} - {{ epoch_micros('session_start_at') }} > {{ day_us }}

),

long_run_days as (

    select
        events.user_id,
        min(events.event_at) as session_start_at,
        max(events.event_at) as session_end_at,
        count(*) as n_events
    from events
    inner join long_runs
        on
            events.user_id = long_runs.user_id
            and events.event_at >= long_runs.session_start_at
            and events.event_at <= long_runs.session_end_at
    group by events.user_id, long_runs.session_start_at, {{ utc_date('events.event_at') }}

),

sessions as (

    select
        user_id,
        session_start_at,
        session_end_at,
        n_events,
        false as was_cut_at_midnight
    from one_visit_users

    union all

    select
        user_id,
        session_start_at,
        session_end_at,
        n_events,
        false as was_cut_at_midnight
    from runs
    where {{ epoch_micros('session_end_at') }} - {{ epoch_micros('session_start_at') }} <= {{ day_us }}

    union all

    select
        user_id,
        session_start_at,
        session_end_at,
        n_events,
        true as was_cut_at_midnight
    from long_run_days

),

-- Events after the month's end are counted for the rare session that crosses it.
events_after_month_end as (

    select
        user_id,
        event_at
    from events
    where event_at >= {{ batch_end() }}

),

crossing_sessions as (

    select
        sessions.user_id,
        sessions.session_start_at,
        count(*) as n_events_next_month
    from sessions
    inner join events_after_month_end
        on
            sessions.user_id = events_after_month_end.user_id
            and sessions.session_end_at >= events_after_month_end.event_at
    where
        sessions.session_end_at >= {{ batch_end() }}
        and {{ in_batch('sessions.session_start_at') }}
    group by sessions.user_id, sessions.session_start_at

),

final as (

    select
        {{ short_key(unambiguous_text([
            as_text('sessions.user_id'),
            as_text(epoch_micros('sessions.session_start_at')),
        ])) }} as session_key_derived,
        sessions.user_id,
        sessions.session_start_at,
        sessions.session_end_at,
        {{ utc_date('sessions.session_start_at') }} as session_date,
        {{ utc_month('sessions.session_start_at') }} as session_month,
        {{ seconds_between('sessions.session_start_at', 'sessions.session_end_at') }} as duration_s,
        sessions.n_events,
        coalesce(crossing_sessions.n_events_next_month, 0) as n_events_next_month,
        sessions.was_cut_at_midnight
    from sessions
    left join crossing_sessions
        on
            sessions.user_id = crossing_sessions.user_id
            and sessions.session_start_at = crossing_sessions.session_start_at
    where {{ in_batch('sessions.session_start_at') }}

)

select * from final
