{{ config(**monthly('event_month')) }}

with

user_days as (

    select *
    from {{ ref('int_cosmetics__user_days').render() }}
    where {{ in_batch('first_event_at') }}

),

-- The month is imported three times, each time with the columns of one reader: a shared import would
-- be kept in memory as a whole (DuckDB), and is read as often anyway (BigQuery).
session_events as (

    select
        event_date,
        session_source_id
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

event_instants as (

    select
        event_at,
        user_id
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

events as (

    select
        event_at,
        event_date,
        event_type,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        session_source_id
    from {{ ref('stg_cosmetics__events').render() }}
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

-- Equal rows are of one user at one instant, as one row in five is: only these are compared by all
-- nine columns, which gives the same as staging's is_exact_duplicate.
shared_instants as (

    select
        event_at,
        user_id
    from event_instants
    group by event_at, user_id
    having count(*) > 1

),

equal_rows as (

    select
        events.event_date,
        count(*) as n_events
    from events
    inner join shared_instants
        on
            events.event_at = shared_instants.event_at
            and events.user_id = shared_instants.user_id
    group by
        events.event_at,
        events.event_date,
        events.event_type,
        events.product_id,
        events.category_id,
        events.category_code,
        events.brand,
        events.price,
        events.user_id,
        events.session_source_id

),

daily_duplicates as (

    select
        event_date,
        sum(n_events - 1) as exact_duplicate_events
    from equal_rows
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
        cast(coalesce(daily_duplicates.exact_duplicate_events, 0) as {{ type_int64() }}) as exact_duplicate_events
    from daily_users
    inner join daily_sessions
        on daily_users.event_date = daily_sessions.event_date
    left join daily_duplicates
        on daily_users.event_date = daily_duplicates.event_date

)

select * from final
