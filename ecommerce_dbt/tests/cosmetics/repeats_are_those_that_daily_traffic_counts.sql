-- The policies' difference in events of a day = the exact duplicates of agg_daily_traffic, which
-- takes them from stg_cosmetics__events; and nothing repeats in any other figure without them.
with

policy as (

    select
        event_date,
        sum(
            case
                when figure in ('view_events', 'cart_events', 'remove_events', 'purchase_events') then difference
                else 0
            end
        ) as repeats,
        count(*) as n_figures,
        count(case when difference <> 0 then 1 end) as n_differences
    from {{ ref('agg_duplicate_policy_daily') }}
    where {{ in_loaded_window('event_month') }}
    group by event_date

),

traffic as (

    select
        event_date,
        exact_duplicate_events
    from {{ ref('agg_daily_traffic') }}
    where {{ in_loaded_window('event_month') }}

)

select
    traffic.event_date,
    traffic.exact_duplicate_events,
    policy.repeats
from traffic
left join policy
    on traffic.event_date = policy.event_date
where
    policy.event_date is null
    or policy.repeats <> traffic.exact_duplicate_events
    or policy.n_figures <> 10
    or (policy.repeats = 0 and policy.n_differences > 0)
