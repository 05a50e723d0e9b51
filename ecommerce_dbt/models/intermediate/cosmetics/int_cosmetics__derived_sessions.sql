{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}

with

events as (

    select
        user_id,
        event_at
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

moments as (

    select
        events.user_id,
        events.event_at,
        count(*) as n_events
    from events
    inner join other_users
        on events.user_id = other_users.user_id
    group by events.user_id, events.event_at

),

followed_moments as (

    select
        *,
        lag(event_at) over (partition by user_id order by event_at) as previous_event_at
    from moments

),

run_moments as (

    select
        user_id,
        event_at,
        n_events,
        sum(
            case
                when {{ epoch_micros('event_at') }} - {{ epoch_micros('previous_event_at') }} >= {{ idle_us }} then 1
                else 0
            end
        ) over (
            partition by user_id
            order by event_at
            rows between unbounded preceding and current row
        ) as run_no
    from followed_moments

),

run_days as (

    select
        user_id,
        run_no,
        {{ utc_date('event_at') }} as event_date,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        sum(n_events) as n_events
    from run_moments
    group by user_id, run_no, {{ utc_date('event_at') }}

),

measured_run_days as (

    select
        *,
        {{ epoch_micros('max(last_event_at) over (partition by user_id, run_no)') }}
        - {{ epoch_micros('min(first_event_at) over (partition by user_id, run_no)') }} > {{ day_us }}
            as is_over_a_day
    from run_days

),

piece_days as (

    select
        *,
        case when is_over_a_day then event_date end as piece_date
    from measured_run_days

),

pieces as (

    select
        user_id,
        min(first_event_at) as session_start_at,
        max(last_event_at) as session_end_at,
        cast(sum(n_events) as {{ type_int64() }}) as n_events,
        is_over_a_day as was_cut_at_midnight
    from piece_days
    group by user_id, run_no, piece_date, is_over_a_day

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
        was_cut_at_midnight
    from pieces

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
