{{ config(tags=['unpartitioned']) }}

{%- set period_kinds = ['month', 'week', 'rolling30'] %}

with

user_days as (

    select * from {{ ref('int_cosmetics__user_day_history') }}

),

users as (

    select
        user_id,
        {{ utc_date('first_seen_at') }} as first_seen_date,
        {{ utc_date('first_purchase_at') }} as first_purchase_date,
        last_date
    from {{ ref('int_cosmetics__user_history') }}
    where is_last_month

),

buyers as (

    select
        user_id,
        first_purchase_date
    from users
    where first_purchase_date is not null

),

-- A user's active days from the cohort's day on, each with the one before it.
active_days as (

    select
        'first_seen' as cohort_kind,
        first_seen_date as cohort_date,
        event_date,
        previous_date
    from user_days

    union all

    select
        'first_purchase' as cohort_kind,
        buyers.first_purchase_date as cohort_date,
        user_days.event_date,
        case
            when user_days.previous_date >= buyers.first_purchase_date then user_days.previous_date
        end as previous_date
    from user_days
    inner join buyers
        on
            user_days.user_id = buyers.user_id
            and user_days.event_date >= buyers.first_purchase_date

),

-- A user counts once a period: on the first active (or purchase) day in it.
active_counts as (

    select
        cohort_kind,
        cohort_date,
        event_date,
        {%- for kind in period_kinds %}
        count(
            case when {{ is_first_in_period(kind, 'cohort_date', 'previous_date', 'event_date') }} then 1 end
        ) as new_in_{{ kind }},
        {%- endfor %}
        count(*) as active_users
    from active_days
    group by cohort_kind, cohort_date, event_date

),

last_days as (

    select
        'first_seen' as cohort_kind,
        first_seen_date as cohort_date,
        last_date as event_date,
        count(*) as last_seen_users
    from users
    group by first_seen_date, last_date

    union all

    select
        'first_purchase' as cohort_kind,
        first_purchase_date as cohort_date,
        last_date as event_date,
        count(*) as last_seen_users
    from users
    where first_purchase_date is not null
    group by first_purchase_date, last_date

),

followed_purchase_days as (

    select
        user_days.first_seen_date,
        buyers.first_purchase_date,
        user_days.event_date,
        lag(user_days.event_date) over (
            partition by user_days.user_id
            order by user_days.event_date
        ) as previous_date,
        user_days.purchase_value,
        user_days.orders_proxy
    from user_days
    inner join buyers
        on user_days.user_id = buyers.user_id
    where user_days.n_purchases > 0

),

purchase_days as (

    select
        'first_seen' as cohort_kind,
        first_seen_date as cohort_date,
        event_date,
        previous_date,
        purchase_value,
        orders_proxy
    from followed_purchase_days

    union all

    select
        'first_purchase' as cohort_kind,
        first_purchase_date as cohort_date,
        event_date,
        previous_date,
        purchase_value,
        orders_proxy
    from followed_purchase_days

),

purchase_counts as (

    select
        cohort_kind,
        cohort_date,
        event_date,
        {%- for kind in period_kinds %}
        count(
            case when {{ is_first_in_period(kind, 'cohort_date', 'previous_date', 'event_date') }} then 1 end
        ) as new_buyers_in_{{ kind }},
        {%- endfor %}
        sum(orders_proxy) as orders_proxy,
        sum(purchase_value) as gross_sales
    from purchase_days
    group by cohort_kind, cohort_date, event_date

),

final as (

    select
        active_counts.cohort_kind,
        active_counts.cohort_date,
        active_counts.event_date,
        active_counts.active_users,
        {%- for kind in period_kinds %}
        active_counts.new_in_{{ kind }},
        {%- endfor %}
        coalesce(last_days.last_seen_users, 0) as last_seen_users,
        {%- for kind in period_kinds %}
        coalesce(purchase_counts.new_buyers_in_{{ kind }}, 0) as new_buyers_in_{{ kind }},
        {%- endfor %}
        cast(coalesce(purchase_counts.orders_proxy, 0) as {{ type_int64() }}) as orders_proxy,
        cast(coalesce(purchase_counts.gross_sales, 0) as {{ type_money() }}) as gross_sales
    from active_counts
    left join last_days
        on
            active_counts.cohort_kind = last_days.cohort_kind
            and active_counts.cohort_date = last_days.cohort_date
            and active_counts.event_date = last_days.event_date
    left join purchase_counts
        on
            active_counts.cohort_kind = purchase_counts.cohort_kind
            and active_counts.cohort_date = purchase_counts.cohort_date
            and active_counts.event_date = purchase_counts.event_date

)

select * from final
