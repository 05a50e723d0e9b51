{{ config(tags=['unpartitioned']) }}

with

user_months as (

    select
        user_id,
        event_month,
        first_event_at,
        last_event_at,
        first_purchase_at,
        n_valid_sessions
    from {{ ref('int_cosmetics__user_months') }}

),

users as (

    select
        user_id,
        count(*) as n_months,
        min(event_month) as first_month,
        max(event_month) as last_month,
        min(first_event_at) as first_seen_at,
        min(first_purchase_at) as first_purchase_at,
        max(last_event_at) as last_seen_at
    from user_months
    group by user_id

),

-- Five users in six have one month: only the others need window functions.
one_month_users as (

    select
        user_id,
        first_month as event_month,
        first_seen_at as first_event_at,
        last_seen_at as last_event_at,
        first_seen_at,
        first_purchase_at,
        true as is_first_month,
        true as is_last_month,
        cast(null as date) as previous_date,
        cast(0 as {{ type_int64() }}) as sessions_before
    from users
    where n_months = 1

),

other_months as (

    select
        user_months.user_id,
        user_months.event_month,
        user_months.first_event_at,
        user_months.last_event_at,
        user_months.n_valid_sessions,
        users.first_seen_at,
        users.first_purchase_at,
        user_months.event_month = users.first_month as is_first_month,
        user_months.event_month = users.last_month as is_last_month
    from user_months
    inner join users
        on user_months.user_id = users.user_id
    where users.n_months > 1

),

followed_months as (

    select
        *,
        lag({{ utc_date('last_event_at') }}) over (
            partition by user_id
            order by event_month
        ) as previous_date,
        sum(n_valid_sessions) over (
            partition by user_id
            order by event_month
            rows between unbounded preceding and 1 preceding
        ) as sessions_before
    from other_months

),

all_months as (

    select
        user_id,
        event_month,
        first_event_at,
        last_event_at,
        first_seen_at,
        first_purchase_at,
        is_first_month,
        is_last_month,
        previous_date,
        sessions_before
    from one_month_users

    union all

    select
        user_id,
        event_month,
        first_event_at,
        last_event_at,
        first_seen_at,
        first_purchase_at,
        is_first_month,
        is_last_month,
        previous_date,
        coalesce(sessions_before, 0) as sessions_before
    from followed_months

),

final as (

    select
        user_id,
        event_month,
        {{ utc_date('first_event_at') }} as first_date,
        {{ utc_date('last_event_at') }} as last_date,
        first_seen_at,
        first_purchase_at,
        is_first_month,
        is_last_month,
        previous_date,
        cast(sessions_before as {{ type_int64() }}) as sessions_before
    from all_months

)

select * from final
