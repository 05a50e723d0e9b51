-- dormant of a period = active of the period before less returning; nobody comes before the first.
with

followed as (

    select
        period_kind,
        period_start,
        returning_users,
        dormant_users,
        lag(active_users) over (
            partition by period_kind
            order by period_start
        ) as previous_active_users
    from {{ ref('agg_user_lifecycle') }}

)

select *
from followed
where dormant_users <> coalesce(previous_active_users, 0) - returning_users
