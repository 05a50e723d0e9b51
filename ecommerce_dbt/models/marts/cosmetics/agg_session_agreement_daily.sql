{{ config(**monthly('session_month')) }}

with

shop_sessions as (

    select
        session_date,
        user_id,
        session_start_at,
        session_end_at,
        n_events
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid

),

clock_sessions as (

    select
        session_date,
        user_id,
        session_start_at,
        session_end_at,
        n_events
    from {{ ref('int_cosmetics__derived_sessions').render() }}
    where {{ in_batch('session_start_at') }}

),

compared as (

    select
        shop_sessions.session_date,
        count(*) as source_sessions,
        count(case when clock_sessions.user_id is null then 1 end) as differing_sessions
    from shop_sessions
    left join clock_sessions
        on
            shop_sessions.user_id = clock_sessions.user_id
            and shop_sessions.session_start_at = clock_sessions.session_start_at
            and shop_sessions.session_end_at = clock_sessions.session_end_at
            and shop_sessions.n_events = clock_sessions.n_events
    group by shop_sessions.session_date

),

clock_days as (

    select
        session_date,
        count(*) as derived_sessions
    from clock_sessions
    group by session_date

),

final as (

    select
        {{ month_of_date('compared.session_date') }} as session_month,
        compared.session_date,
        compared.source_sessions,
        coalesce(clock_days.derived_sessions, 0) as derived_sessions,
        compared.differing_sessions as differing_num,
        compared.source_sessions as differing_den
    from compared
    left join clock_days
        on compared.session_date = clock_days.session_date

)

select * from final
