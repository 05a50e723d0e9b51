{{ config(**monthly('event_month')) }}

with

events as (

    select
        event_date,
        event_type,
        user_id,
        session_source_id,
        is_exact_duplicate
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

final as (

    select
        {{ month_of_date('event_date') }} as event_month,
        event_date,
        count(distinct user_id) as visitors,
        count(distinct session_source_id) as source_sessions,
        count(*) as events,
        count(case when event_type = 'view' then 1 end) as view_events,
        count(case when event_type = 'cart' then 1 end) as cart_events,
        count(case when event_type = 'remove_from_cart' then 1 end) as remove_events,
        count(case when event_type = 'purchase' then 1 end) as purchase_events,
        count(case when session_source_id is null then 1 end) as events_without_session,
        count(case when is_exact_duplicate then 1 end) as exact_duplicate_events
    from events
    group by event_date

)

select * from final
