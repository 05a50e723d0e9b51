{{ config(tags=['unpartitioned']) }}

with

user_months as (

    select * from {{ ref('int_cosmetics__user_months') }}

),

final as (

    select
        user_id,
        event_month,
        min(first_event_at) over (partition by user_id) as first_seen_at,
        row_number() over (partition by user_id order by event_month) = 1 as is_first_month,
        cast(
            coalesce(
                sum(n_valid_sessions) over (
                    partition by user_id
                    order by event_month
                    rows between unbounded preceding and 1 preceding
                ),
                0
            ) as {{ type_int64() }}
        ) as sessions_before
    from user_months

)

select * from final
