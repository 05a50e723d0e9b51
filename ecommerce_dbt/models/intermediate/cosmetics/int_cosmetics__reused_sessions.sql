{{ config(tags=['unpartitioned']) }}

with

-- Narrow, because it is read for all loaded months.
sessions as (

    select
        session_key,
        session_source_id,
        user_id,
        session_date,
        session_month,
        split_reason
    from {{ ref('int_cosmetics__sessions') }}
    where is_valid

),

-- Where all sessions of an id start in one month, that month knows them all.
source_sessions as (

    select session_source_id
    from sessions
    group by session_source_id
    having min(session_month) < max(session_month)

),

reused_sessions as (

    select sessions.*
    from sessions
    inner join source_sessions
        on sessions.session_source_id = source_sessions.session_source_id

),

units as (

    select
        session_source_id,
        user_id,
        count(*) as n_sessions
    from reused_sessions
    group by session_source_id, user_id

),

users as (

    select
        session_source_id,
        count(*) as n_users
    from units
    group by session_source_id

),

-- A month decides rightly whether a run is longer than 24 h, so that reason stays.
final as (

    select
        reused_sessions.session_key,
        reused_sessions.session_date,
        users.n_users as n_users_in_source_session,
        reused_sessions.split_reason as split_reason_in_month,
        case
            when reused_sessions.split_reason = 'over_24h' then 'over_24h'
            when units.n_sessions > 1 then 'gap_over_24h'
            else 'several_users'
        end as split_reason
    from reused_sessions
    inner join units
        on
            reused_sessions.session_source_id = units.session_source_id
            and reused_sessions.user_id = units.user_id
    inner join users
        on reused_sessions.session_source_id = users.session_source_id

)

select * from final
