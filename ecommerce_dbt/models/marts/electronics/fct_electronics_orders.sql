{{ config(**monthly('ordered_at', cluster_by=['order_id'])) }}

with

-- An order may go on after the end of the month it starts in.
lines as (

    select *
    from {{ ref('fct_electronics_order_lines').render() }}
    where
        {{ in_batch_and_after('purchased_at', session_reach_days()) }}
        and {{ in_batch('ordered_at') }}

),

counted as (

    select
        order_key,
        order_id,
        ordered_at,
        max(purchased_at) as last_line_at,
        min(user_id) as user_id,
        count(distinct user_id) as n_users,
        count(*) as n_lines,
        sum(quantity) as n_units,
        count(distinct product_id) as n_products,
        sum(case when price is null then quantity else 0 end) as units_without_price,
        sum(case when line_value > 0 then line_value else 0 end) as gross_sales,
        sum(case when line_value < 0 then line_value else 0 end) as adjustment_value
    from lines
    group by order_key, order_id, ordered_at

),

final as (

    select
        order_key,
        order_id,
        ordered_at,
        {{ utc_date('ordered_at') }} as order_date,
        last_line_at,
        user_id,
        n_users,
        n_lines,
        cast(n_units as {{ type_int64() }}) as n_units,
        n_products,
        cast(units_without_price as {{ type_int64() }}) as units_without_price,
        cast(gross_sales as {{ type_money() }}) as gross_sales,
        cast(adjustment_value as {{ type_money() }}) as adjustment_value,
        cast(gross_sales + adjustment_value as {{ type_money() }}) as net_sales
    from counted

)

select * from final
