-- Also over a month's end: a session ends before the next one of its unit starts.
with

sessions as (

    select
        session_source_id,
        user_id,
        session_start_at,
        session_end_at
    from {{ ref('int_cosmetics__sessions') }}
    where
        {{ in_loaded_window('session_start_at') }}
        and session_source_id is not null

),

followed as (

    select
        *,
        lead(session_start_at) over (
            partition by session_source_id, user_id
            order by session_start_at
        ) as next_start_at
    from sessions

)

select *
from followed
where session_end_at >= next_start_at
