{{ config(tags=['unpartitioned']) }}

with

days as (

    select * from {{ ref('int_cosmetics__session_quality_days') }}

),

-- What other months add to a day's reasons, or take from one reason to another.
found_by_history as (

    select
        session_date,
        count(case when split_reason = 'gap_over_24h' then 1 end)
        - count(case when split_reason_in_month = 'gap_over_24h' then 1 end) as gap_over_24h,
        count(case when split_reason = 'several_users' then 1 end)
        - count(case when split_reason_in_month = 'several_users' then 1 end) as several_users
    from {{ ref('int_cosmetics__reused_sessions') }}
    group by session_date

),

final as (

    select
        days.session_month,
        days.session_date,
        days.valid_sessions,
        days.invalid_sessions,
        days.invalid_null_session,
        days.split_over_24h,
        days.split_gap_over_24h_in_month + coalesce(found_by_history.gap_over_24h, 0) as split_gap_over_24h,
        days.split_several_users_in_month + coalesce(found_by_history.several_users, 0) as split_several_users,
        days.over_midnight,
        days.bounce_num,
        days.bounce_den,
        days.conversion_num,
        days.conversion_den,
        days.cart_abandonment_num,
        days.cart_abandonment_den,
        days.snowplow_cart_abandoned,
        days.net_cart,
        days.net_cart_as_is,
        days.median_duration_s,
        days.p90_duration_s
    from days
    left join found_by_history
        on days.session_date = found_by_history.session_date

)

select * from final
