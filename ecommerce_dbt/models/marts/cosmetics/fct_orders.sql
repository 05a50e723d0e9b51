{{ config(**monthly('ordered_at', cluster_by=['user_id'])) }}

with

-- An order may be placed after the end of the month its session started in.
purchasing_sessions as (

    select *
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at', reach_days=session_reach_days()) }}
        and {{ in_batch('first_purchase_at') }}

),

final as (

    select
        session_key as order_proxy_key,
        user_id,
        session_key,
        session_source_id,
        first_purchase_at as ordered_at,
        {{ utc_date('first_purchase_at') }} as order_date,
        n_purchases as n_lines,
        n_products_purchased as n_products,
        purchase_value as order_value,
        adjustment_value,
        is_valid as is_session_known
    from purchasing_sessions

)

select * from final
