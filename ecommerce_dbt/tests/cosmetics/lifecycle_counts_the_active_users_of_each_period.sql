{{ config(tags=['cosmetics', 'unpartitioned'], meta={'dagster': {'ref': {'name': 'agg_user_lifecycle'}}}) }}

-- Active users of agg_user_lifecycle = those of agg_active_users with any event; a period that only
-- the lifecycle has is one without users. A month outside the domain's months is left as it was built, so its
-- last week may lack the days of the month after it.
with

active_users as (

    select
        period_kind,
        period_start,
        active_users,
        period_days_observed
    from {{ ref('agg_active_users') }}
    where event_type = 'any'

)

select
    lifecycle.period_kind,
    lifecycle.period_start,
    lifecycle.active_users as lifecycle_users,
    active_users.active_users
from {{ ref('agg_user_lifecycle') }} as lifecycle
full outer join active_users
    on
        lifecycle.period_kind = active_users.period_kind
        and lifecycle.period_start = active_users.period_start
where
    (
        lifecycle.period_start is null
        or lifecycle.active_users <> coalesce(active_users.active_users, 0)
        or lifecycle.period_days_observed <> coalesce(active_users.period_days_observed, 0)
    )
    and {{ in_checked_months('coalesce(lifecycle.period_start, active_users.period_start)') }}
