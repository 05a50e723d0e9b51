{{ config(**monthly('session_month')) }}

with

sessions as (

    select
        session_source_id,
        user_id,
        session_start_at,
        session_end_at,
        session_date,
        duration_s,
        n_carts,
        n_removes,
        reached_purchase,
        reached_cart,
        is_bounce,
        is_cart_abandoned,
        is_valid,
        invalid_reason,
        split_reason,
        n_carts - n_removes as net_cart,
        n_events = n_carts as has_carts_alone,
        {{ utc_date('session_end_at') }} > session_date as is_over_midnight
    from {{ ref('int_cosmetics__sessions').render() }}
    where {{ in_batch('session_start_at') }}

),

paths as (

    select
        session_date,
        has_cart_left_open
    from {{ ref('int_cosmetics__session_paths').render() }}
    where {{ in_batch('session_start_at') }}

),

repeated_events as (

    select
        session_source_id,
        user_id,
        event_at,
        event_type
    from {{ ref('int_cosmetics__exact_duplicates').render() }}
    where
        {{ in_batch_and_after('event_at', session_reach_days()) }}
        and event_type in ('cart', 'remove_from_cart')

),

counted as (

    select
        session_date,
        count(case when is_valid then 1 end) as valid_sessions,
        count(case when not is_valid then 1 end) as invalid_sessions,
        count(case when invalid_reason = 'null_session' then 1 end) as invalid_null_session,
        count(case when split_reason = 'over_24h' then 1 end) as split_over_24h,
        count(case when split_reason = 'gap_over_24h' then 1 end) as split_gap_over_24h_in_month,
        count(case when split_reason = 'several_users' then 1 end) as split_several_users_in_month,
        count(case when is_valid and is_over_midnight then 1 end) as over_midnight,
        count(case when is_bounce then 1 end) as bounce_num,
        count(case when is_valid and reached_purchase then 1 end) as conversion_num,
        count(case when is_valid and is_cart_abandoned then 1 end) as cart_abandonment_num,
        count(case when is_valid and reached_cart then 1 end) as cart_abandonment_den,
        count(case when is_valid and has_carts_alone then 1 end) as sessions_of_carts_alone,
        sum(case when is_valid and net_cart > 0 then net_cart else 0 end) as net_cart_as_is
    from sessions
    group by session_date

),

open_carts as (

    select
        session_date,
        count(*) as n_sessions
    from paths
    where has_cart_left_open
    group by session_date

),

-- What the net cart of a session loses (or gains) when its repeated rows are left out.
repeats as (

    select
        sessions.session_date,
        sessions.session_source_id,
        sessions.user_id,
        sessions.session_start_at,
        sessions.net_cart,
        count(case when repeated_events.event_type = 'cart' then 1 end)
        - count(case when repeated_events.event_type = 'remove_from_cart' then 1 end) as net_repeats
    from sessions
    inner join repeated_events
        on
            sessions.session_source_id = repeated_events.session_source_id
            and sessions.user_id = repeated_events.user_id
            and sessions.session_start_at <= repeated_events.event_at
            and sessions.session_end_at >= repeated_events.event_at
    group by
        sessions.session_date,
        sessions.session_source_id,
        sessions.user_id,
        sessions.session_start_at,
        sessions.net_cart

),

corrections as (

    select
        session_date,
        sum(
            case when net_cart > net_repeats then net_cart - net_repeats else 0 end
            - case when net_cart > 0 then net_cart else 0 end
        ) as net_cart_correction
    from repeats
    group by session_date

),

durations as (

    select
        session_date,
        duration_s,
        count(*) as n_sessions
    from sessions
    where is_valid
    group by session_date, duration_s

),

ranked_durations as (

    select
        *,
        sum(n_sessions) over (
            partition by session_date
            order by duration_s
            rows between unbounded preceding and current row
        ) as last_rank,
        sum(n_sessions) over (partition by session_date) as n_valid
    from durations

),

duration_ranks as (

    select
        session_date,
        min(case when last_rank >= {{ nearest_rank(50, 'n_valid') }} then duration_s end) as median_duration_s,
        min(case when last_rank >= {{ nearest_rank(90, 'n_valid') }} then duration_s end) as p90_duration_s
    from ranked_durations
    group by session_date

),

final as (

    select
        {{ month_of_date('counted.session_date') }} as session_month,
        counted.session_date,
        counted.valid_sessions,
        counted.invalid_sessions,
        counted.invalid_null_session,
        counted.split_over_24h,
        counted.split_gap_over_24h_in_month,
        counted.split_several_users_in_month,
        counted.over_midnight,
        counted.bounce_num,
        counted.valid_sessions as bounce_den,
        counted.conversion_num,
        counted.valid_sessions as conversion_den,
        counted.cart_abandonment_num,
        counted.cart_abandonment_den,
        counted.sessions_of_carts_alone + coalesce(open_carts.n_sessions, 0) as snowplow_cart_abandoned,
        cast(counted.net_cart_as_is + coalesce(corrections.net_cart_correction, 0) as {{ type_int64() }})
            as net_cart,
        cast(counted.net_cart_as_is as {{ type_int64() }}) as net_cart_as_is,
        duration_ranks.median_duration_s,
        duration_ranks.p90_duration_s
    from counted
    left join open_carts
        on counted.session_date = open_carts.session_date
    left join corrections
        on counted.session_date = corrections.session_date
    left join duration_ranks
        on counted.session_date = duration_ranks.session_date

)

select * from final
