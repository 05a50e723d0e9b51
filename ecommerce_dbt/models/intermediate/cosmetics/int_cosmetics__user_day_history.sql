{{ config(materialized='view', tags=['unpartitioned']) }}

with

user_days as (

    select
        user_id,
        event_month,
        event_date,
        n_purchases,
        purchase_value,
        orders_proxy,
        first_date_in_month,
        previous_date_in_month
    from {{ ref('int_cosmetics__user_days') }}

),

-- What a user's first month shows is stored with its days: only later months need their history.
later_months as (

    select
        user_id,
        event_month,
        {{ utc_date('first_seen_at') }} as first_seen_date,
        previous_date
    from {{ ref('int_cosmetics__user_history') }}
    where not is_first_month

),

final as (

    select
        user_days.user_id,
        user_days.event_date,
        coalesce(later_months.first_seen_date, user_days.first_date_in_month) as first_seen_date,
        coalesce(user_days.previous_date_in_month, later_months.previous_date) as previous_date,
        user_days.n_purchases,
        user_days.purchase_value,
        user_days.orders_proxy
    from user_days
    left join later_months
        on
            user_days.user_id = later_months.user_id
            and user_days.event_month = later_months.event_month

)

select * from final
