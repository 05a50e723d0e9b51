{{ config(**monthly('event_month', cluster_by=['user_id'])) }}

with

events as (

    select
        user_id,
        event_at,
        event_type,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

sessions as (

    select user_id
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid

),

user_events as (

    select
        user_id,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as n_events,
        count(case when event_type = 'purchase' then 1 end) as n_purchases,
        sum(case when event_type = 'purchase' and price > 0 then price else 0 end) as purchase_value
    from events
    group by user_id

),

user_sessions as (

    select
        user_id,
        count(*) as n_valid_sessions
    from sessions
    group by user_id

),

final as (

    select
        {{ utc_month('user_events.first_event_at') }} as event_month,
        user_events.user_id,
        user_events.first_event_at,
        user_events.last_event_at,
        user_events.n_events,
        coalesce(user_sessions.n_valid_sessions, 0) as n_valid_sessions,
        user_events.n_purchases,
        cast(user_events.purchase_value as {{ type_money() }}) as purchase_value
    from user_events
    left join user_sessions
        on user_events.user_id = user_sessions.user_id

)

select * from final
