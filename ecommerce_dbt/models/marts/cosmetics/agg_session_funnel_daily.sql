{{ config(**monthly('session_month')) }}

with

sessions as (

    select
        session_date,
        session_month,
        first_view_at,
        first_cart_at,
        first_purchase_at
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid

),

-- Ordered mode. Two first events in one second count as in order: the source resolves seconds only.
progress as (

    select
        *,
        first_view_at is not null as has_viewed,
        coalesce(first_cart_at >= first_view_at, false) as has_carted,
        coalesce(first_cart_at >= first_view_at and first_purchase_at >= first_cart_at, false) as has_purchased
    from sessions

),

session_steps as (

    select
        session_month,
        session_date,
        cast(1 as {{ type_int64() }}) as step_no,
        'view' as step_name,
        has_viewed as has_entered,
        has_viewed as has_reached_previous,
        has_viewed as has_reached,
        cast(null as {{ type_int64() }}) as step_s,
        first_purchase_at is not null as has_final_event,
        has_purchased as is_covered
    from progress

    union all

    select
        session_month,
        session_date,
        cast(2 as {{ type_int64() }}) as step_no,
        'cart' as step_name,
        has_viewed as has_entered,
        has_viewed as has_reached_previous,
        has_carted as has_reached,
        case when has_carted then {{ seconds_between('first_view_at', 'first_cart_at') }} end as step_s,
        first_purchase_at is not null as has_final_event,
        has_purchased as is_covered
    from progress

    union all

    select
        session_month,
        session_date,
        cast(3 as {{ type_int64() }}) as step_no,
        'purchase' as step_name,
        has_viewed as has_entered,
        has_carted as has_reached_previous,
        has_purchased as has_reached,
        case when has_purchased then {{ seconds_between('first_cart_at', 'first_purchase_at') }} end as step_s,
        first_purchase_at is not null as has_final_event,
        has_purchased as is_covered
    from progress

),

counted as (

    select
        session_month,
        session_date,
        step_no,
        step_name,
        count(case when has_entered then 1 end) as entered,
        count(case when has_reached_previous then 1 end) as reached_previous,
        count(case when has_reached then 1 end) as reached,
        count(case when is_covered then 1 end) as coverage_num,
        count(case when has_final_event then 1 end) as coverage_den
    from session_steps
    group by session_month, session_date, step_no, step_name

),

ranked_times as (

    select
        session_date,
        step_no,
        step_s,
        row_number() over (partition by session_date, step_no order by step_s) as time_rank,
        count(*) over (partition by session_date, step_no) as n_times
    from session_steps
    where step_s is not null

),

times as (

    select
        session_date,
        step_no,
        max(case when time_rank = {{ nearest_rank(50, 'n_times') }} then step_s end) as median_s,
        max(case when time_rank = {{ nearest_rank(90, 'n_times') }} then step_s end) as p90_s
    from ranked_times
    group by session_date, step_no

),

final as (

    select
        'session_view_cart_purchase' as funnel_id,
        cast(1 as {{ type_int64() }}) as funnel_version,
        counted.session_month,
        counted.session_date,
        counted.step_no,
        counted.step_name,
        counted.entered,
        counted.reached,
        counted.reached as overall_rate_num,
        counted.entered as overall_rate_den,
        counted.reached as step_rate_num,
        counted.reached_previous as step_rate_den,
        times.median_s,
        times.p90_s,
        {{ wilson_bound('counted.reached', 'counted.entered', 'low') }} as wilson_low,
        {{ wilson_bound('counted.reached', 'counted.entered', 'high') }} as wilson_high,
        counted.coverage_num,
        counted.coverage_den
    from counted
    left join times
        on
            counted.session_date = times.session_date
            and counted.step_no = times.step_no

)

select * from final
