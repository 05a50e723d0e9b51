{{ config(**monthly('event_month')) }}

with

user_days as (

    select *
    from {{ ref('int_cosmetics__user_days').render() }}
    where {{ in_batch('first_event_at') }}

),

session_events as (

    select
        event_date,
        session_source_id
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

repeats as (

    select event_date
    from {{ ref('int_cosmetics__exact_duplicates').render() }}
    where {{ in_batch('event_at') }}

),

daily_users as (

    select
        event_month,
        event_date,
        count(*) as visitors,
        sum(n_events) as events,
        sum(n_views) as view_events,
        sum(n_carts) as cart_events,
        sum(n_removes) as remove_events,
        sum(n_purchases) as purchase_events
    from user_days
    group by event_month, event_date

),

-- Two steps of grouping take a fifth of the time of a distinct count.
session_days as (

    select
        event_date,
        session_source_id,
        count(*) as n_events
    from session_events
    group by event_date, session_source_id

),

daily_sessions as (

    select
        event_date,
        count(session_source_id) as source_sessions,
        sum(case when session_source_id is null then n_events else 0 end) as events_without_session
    from session_days
    group by event_date

),

daily_duplicates as (

    select
        event_date,
        count(*) as exact_duplicate_events
    from repeats
    group by event_date

),

final as (

    select
        daily_users.event_month,
        daily_users.event_date,
        daily_users.visitors,
        daily_sessions.source_sessions,
        cast(daily_users.events as {{ type_int64() }}) as events,
        cast(daily_users.view_events as {{ type_int64() }}) as view_events,
        cast(daily_users.cart_events as {{ type_int64() }}) as cart_events,
        cast(daily_users.remove_events as {{ type_int64() }}) as remove_events,
        cast(daily_users.purchase_events as {{ type_int64() }}) as purchase_events,
        cast(daily_sessions.events_without_session as {{ type_int64() }}) as events_without_session,
        coalesce(daily_duplicates.exact_duplicate_events, 0) as exact_duplicate_events
    from daily_users
    inner join daily_sessions
        on daily_users.event_date = daily_sessions.event_date
    left join daily_duplicates
        on daily_users.event_date = daily_duplicates.event_date

)

select * from final
