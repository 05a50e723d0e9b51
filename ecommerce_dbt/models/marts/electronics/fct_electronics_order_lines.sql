{{ config(**monthly('purchased_at', cluster_by=['order_id'], begin='2020-01-01')) }}

with

purchases as (

    select
        purchased_at,
        purchase_date,
        order_id,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        repair,
        source_row_no
    from {{ ref('stg_electronics__purchases').render() }}
    where {{ in_batch('purchased_at', reach_days=session_reach_days()) }}

),

instants as (

    select distinct
        order_id,
        purchased_at,
        purchase_date,
        {{ epoch_micros('purchased_at') }} as purchased_us
    from purchases

),

followed as (

    select
        *,
        purchased_us - lag(purchased_us) over (partition by order_id order by purchased_us) as gap_us
    from instants

),

runs as (

    select
        *,
        sum(case when gap_us > {{ day_micros() }} then 1 else 0 end) over (
            partition by order_id
            order by purchased_us
            rows between unbounded preceding and current row
        ) as run_no
    from followed

),

spans as (

    select
        order_id,
        purchased_at,
        min(purchased_at) over (partition by order_id, run_no) as run_start_at,
        min(purchased_at) over (partition by order_id, run_no, purchase_date) as day_start_at,
        max(purchased_us) over (partition by order_id, run_no)
        - min(purchased_us) over (partition by order_id, run_no) as run_us
    from runs

),

orders as (

    select
        order_id,
        purchased_at,
        case when run_us > {{ day_micros() }} then day_start_at else run_start_at end as ordered_at
    from spans

),

-- There is no quantity: each row is one unit, and equal rows of an order are units of one line.
lines as (

    select
        purchased_at,
        purchase_date,
        order_id,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        repair,
        count(*) as quantity,
        min(source_row_no) as source_row_no
    from purchases
    where {{ in_batch('purchased_at') }}
    group by
        purchased_at,
        purchase_date,
        order_id,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        repair

),

final as (

    select
        {{ short_key(unambiguous_text([
            as_text('lines.order_id'),
            as_text(epoch_micros('orders.ordered_at')),
        ])) }} as order_key,
        lines.order_id,
        orders.ordered_at,
        lines.purchased_at,
        lines.purchase_date,
        lines.source_row_no,
        lines.product_id,
        lines.category_id,
        lines.category_code,
        lines.brand,
        lines.user_id,
        lines.price,
        lines.quantity,
        cast(coalesce(lines.price, 0) * lines.quantity as {{ type_money() }}) as line_value,
        coalesce(lines.price > 0, false) as is_revenue_line,
        lines.repair
    from lines
    inner join orders
        on
            lines.order_id = orders.order_id
            and lines.purchased_at = orders.purchased_at

)

select * from final
