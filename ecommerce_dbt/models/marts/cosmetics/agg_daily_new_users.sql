{{ config(tags=['unpartitioned']) }}

with

user_history as (

    select * from {{ ref('int_cosmetics__user_history') }}

),

daily_traffic as (

    select * from {{ ref('agg_daily_traffic') }}

),

first_days as (

    select
        {{ utc_date('first_seen_at') }} as event_date,
        count(*) as new_users
    from user_history
    where is_first_month
    group by {{ utc_date('first_seen_at') }}

),

final as (

    select
        daily_traffic.event_date,
        daily_traffic.visitors,
        coalesce(first_days.new_users, 0) as new_users,
        daily_traffic.visitors - coalesce(first_days.new_users, 0) as returning_users
    from daily_traffic
    left join first_days
        on daily_traffic.event_date = first_days.event_date

)

select * from final
