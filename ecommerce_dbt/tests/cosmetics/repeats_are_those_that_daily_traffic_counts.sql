{{ config(meta={'dagster': {'ref': {'name': 'agg_duplicate_policy_daily'}}}) }}

-- The policies' difference in events of a day = the exact duplicates of agg_daily_traffic, and nothing
-- repeats in any other figure without them. On three days of each month they are counted a second way:
-- all rows less the distinct ones.
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

),

distinct_rows as (

    select
        event_date,
        count(*) as n_events
    from {{ ref('stg_cosmetics__events') }}
    where
        {{ in_loaded_window('event_at') }}
        and extract(day from event_date) in (1, 11, 21)
    group by
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

),

recounted as (

    select
        event_date,
        sum(n_events - 1) as repeats
    from distinct_rows
    group by event_date

)

select
    traffic.event_date,
    traffic.exact_duplicate_events,
    policy.repeats,
    recounted.repeats as repeats_recounted
from traffic
left join policy
    on traffic.event_date = policy.event_date
left join recounted
    on traffic.event_date = recounted.event_date
where
    policy.event_date is null
    or recounted.repeats <> traffic.exact_duplicate_events
    or policy.repeats <> traffic.exact_duplicate_events
    or policy.n_figures <> 10
    or (policy.repeats = 0 and policy.n_differences > 0)
