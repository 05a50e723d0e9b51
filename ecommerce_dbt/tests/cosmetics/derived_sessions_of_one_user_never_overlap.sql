-- Also over a month's end: a derived session ends before the user's next one starts.
with

followed as (

    select
        user_id,
        session_start_at,
        session_end_at,
        lead(session_start_at) over (
            partition by user_id
            order by session_start_at
        ) as next_start_at
    from {{ ref('int_cosmetics__derived_sessions') }}
    where {{ in_loaded_window('session_start_at') }}

)

select *
from followed
where session_end_at >= next_start_at
