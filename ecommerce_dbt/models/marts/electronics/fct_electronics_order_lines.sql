{{ config(**monthly('purchased_at', cluster_by=['order_id'])) }}

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

order_ids as (

    select
        order_id,
        min(purchased_at) as first_at,
        max({{ epoch_micros('purchased_at') }}) - min({{ epoch_micros('purchased_at') }})
        > {{ day_micros() }} as is_long
    from purchases
    group by order_id

),

-- Only the few ids that are seen for longer than a day have to be looked at line by line.
instants as (

    select distinct
        purchases.order_id,
        purchases.purchased_at,
        purchases.purchase_date,
        {{ epoch_micros('purchases.purchased_at') }} as purchased_us
    from purchases
    inner join order_ids
        on purchases.order_id = order_ids.order_id
    where order_ids.is_long

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

cut_orders as (

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

ordered_lines as (

    select
        lines.*,
        coalesce(cut_orders.ordered_at, order_ids.first_at) as ordered_at
    from lines
    inner join order_ids
        on lines.order_id = order_ids.order_id
    left join cut_orders
        on
            lines.order_id = cut_orders.order_id
            and lines.purchased_at = cut_orders.purchased_at

),

final as (

    select
        {{ short_key(unambiguous_text([
            as_text('order_id'),
            as_text(epoch_micros('ordered_at')),
        ])) }} as order_key,
        order_id,
        ordered_at,
        purchased_at,
        purchase_date,
        source_row_no,
        product_id,
        category_id,
        category_code,
        brand,
        user_id,
        price,
        quantity,
        cast(coalesce(price, 0) * quantity as {{ type_money() }}) as line_value,
        coalesce(price > 0, false) as is_revenue_line,
        repair
    from ordered_lines

)

select * from final
