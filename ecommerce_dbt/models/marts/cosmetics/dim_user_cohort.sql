{{ config(materialized='view', tags=['unpartitioned']) }}

with

users as (

    select
        user_id,
        first_seen_at,
        first_purchase_at
    from {{ ref('int_cosmetics__user_history') }}
    where is_first_month

),

observed_span as (

    select truncated_until
    from {{ ref('int_cosmetics__observed_span') }}

),

user_cohorts as (

    select
        'first_seen' as cohort_kind,
        user_id,
        first_seen_at as cohort_at,
        {{ utc_date('first_seen_at') }} as cohort_date
    from users

    union all

    select
        'first_purchase' as cohort_kind,
        user_id,
        first_purchase_at as cohort_at,
        {{ utc_date('first_purchase_at') }} as cohort_date
    from users
    where first_purchase_at is not null

),

final as (

    select
        user_cohorts.cohort_kind,
        user_cohorts.user_id,
        user_cohorts.cohort_at,
        user_cohorts.cohort_date,
        {{ month_start('user_cohorts.cohort_date') }} as cohort_month,
        {{ iso_week_start('user_cohorts.cohort_date') }} as cohort_week,
        user_cohorts.cohort_date < observed_span.truncated_until as is_left_truncated
    from user_cohorts
    cross join observed_span

)

select * from final
