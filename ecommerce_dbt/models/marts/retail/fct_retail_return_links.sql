{{ config(tags=['unpartitioned']) }}

with

lines as (

    select
        *,
        row_number() over (order by invoiced_at, source_row_no) as line_place
    from {{ ref('fct_retail_invoice_lines') }}

),

sold as (

    select *
    from lines
    where
        line_kind = 'sale'
        and quantity > 0
        and customer_id is not null

),

-- A discount is granted, not returned.
cancelled as (

    select
        *,
        -quantity as units
    from lines
    where
        line_kind = 'cancellation'
        and quantity < 0
        and item_kind <> 'discount'

),

returned_items as (

    select distinct
        customer_id,
        stock_code
    from cancelled
    where customer_id is not null

),

-- What may reverse each other: sales and cancellations of one customer, item, quantity and price.
exact_moves as (

    select
        sold.customer_id,
        sold.stock_code,
        sold.quantity as units,
        sold.unit_price,
        sold.line_place,
        1 as step
    from sold
    inner join returned_items
        on
            sold.customer_id = returned_items.customer_id
            and sold.stock_code = returned_items.stock_code

    union all

    select
        customer_id,
        stock_code,
        units,
        unit_price,
        line_place,
        -1 as step
    from cancelled
    where customer_id is not null

),

exact_balances as (

    select
        *,
        sum(step) over (
            partition by customer_id, stock_code, units, unit_price
            order by line_place
            rows between unbounded preceding and current row
        ) as balance
    from exact_moves

),

-- How many sales are open after each move. A cancellation that finds none open takes none away: what the
-- balance once lacked it lacks for good, hence the running minimum.
exact_depths as (

    select
        *,
        balance - least(
            0,
            min(balance) over (
                partition by customer_id, stock_code, units, unit_price
                order by line_place
                rows between unbounded preceding and current row
            )
        ) as open_after
    from exact_balances

),

-- A sale opens the place that is its number among the open ones, a cancellation closes the last one.
exact_places as (

    select
        *,
        case
            when step = 1 then open_after
            else
                coalesce(
                    lag(open_after) over (
                        partition by customer_id, stock_code, units, unit_price
                        order by line_place
                    ),
                    0
                )
        end as open_place
    from exact_depths

),

-- At each place sales and cancellations take turns, so that each cancellation follows its sale: the
-- latest earlier one that is still open. No other choice links more.
exact_turns as (

    select
        line_place as cancelled_place,
        step,
        lag(line_place) over (
            partition by customer_id, stock_code, units, unit_price, open_place
            order by line_place
        ) as sold_place
    from exact_places
    where open_place > 0

),

exact_matches as (

    select
        cancelled_place,
        sold_place
    from exact_turns
    where step = -1

),

open_cancellations as (

    select cancelled.*
    from cancelled
    left join exact_matches
        on cancelled.line_place = exact_matches.cancelled_place
    where
        exact_matches.cancelled_place is null
        and cancelled.customer_id is not null

),

open_items as (

    select distinct
        customer_id,
        stock_code
    from open_cancellations

),

open_sales as (

    select sold.*
    from sold
    inner join open_items
        on
            sold.customer_id = open_items.customer_id
            and sold.stock_code = open_items.stock_code
    left join exact_matches
        on sold.line_place = exact_matches.sold_place
    where exact_matches.sold_place is null

),

movements as (

    select
        customer_id,
        stock_code,
        line_place,
        quantity as units_in,
        0 as units_out
    from open_sales

    union all

    select
        customer_id,
        stock_code,
        line_place,
        0 as units_in,
        units as units_out
    from open_cancellations

),

running as (

    select
        *,
        sum(units_in) over (
            partition by customer_id, stock_code
            order by line_place
            rows between unbounded preceding and current row
        ) as all_in,
        sum(units_out) over (
            partition by customer_id, stock_code
            order by line_place
            rows between unbounded preceding and current row
        ) as all_out
    from movements

),

-- Units that were sold before a cancellation bound what it can give back: never more than was sold and
-- is not back yet. What is too much at one cancellation is too much for good, hence the running minimum.
given_back as (

    select
        customer_id,
        stock_code,
        line_place,
        all_out + least(
            0,
            min(all_in - all_out) over (
                partition by customer_id, stock_code
                order by line_place
                rows between unbounded preceding and current row
            )
        ) as back_until
    from running
    where units_out > 0

),

returned_spans as (

    select
        customer_id,
        stock_code,
        line_place,
        coalesce(
            lag(back_until) over (partition by customer_id, stock_code order by line_place), 0
        ) as back_from,
        back_until
    from given_back

),

sold_spans as (

    select
        customer_id,
        stock_code,
        line_place,
        all_in - units_in as sold_from,
        all_in as sold_until
    from running
    where units_in > 0

),

-- First in, first out: the n-th unit that comes back is the n-th that was sold.
matched_units as (

    select
        returned_spans.line_place as cancelled_place,
        sold_spans.line_place as sold_place,
        'fifo' as link_method,
        least(returned_spans.back_until, sold_spans.sold_until)
        - greatest(returned_spans.back_from, sold_spans.sold_from) as units
    from returned_spans
    inner join sold_spans
        on
            returned_spans.customer_id = sold_spans.customer_id
            and returned_spans.stock_code = sold_spans.stock_code
            and returned_spans.back_from < sold_spans.sold_until
            and returned_spans.back_until > sold_spans.sold_from

    union all

    select
        exact_matches.cancelled_place,
        exact_matches.sold_place,
        'exact_match' as link_method,
        cancelled.units
    from exact_matches
    inner join cancelled
        on exact_matches.cancelled_place = cancelled.line_place

),

matched_totals as (

    select
        cancelled_place,
        sum(units) as units
    from matched_units
    group by cancelled_place

),

links as (

    select
        cancelled_place,
        sold_place,
        link_method,
        units
    from matched_units

    union all

    select
        cancelled.line_place as cancelled_place,
        cast(null as {{ type_int64() }}) as sold_place,
        'unlinked' as link_method,
        cancelled.units - coalesce(matched_totals.units, 0) as units
    from cancelled
    left join matched_totals
        on cancelled.line_place = matched_totals.cancelled_place
    where cancelled.units > coalesce(matched_totals.units, 0)

),

final as (

    select
        cancelled.line_key as cancellation_line_key,
        row_number() over (
            partition by links.cancelled_place
            order by coalesce(links.sold_place, cancelled.line_place)
        ) as link_no,
        links.link_method,
        sold.line_key as sale_line_key,
        cancelled.invoice_no as cancellation_invoice_no,
        sold.invoice_no as sale_invoice_no,
        cancelled.stock_code,
        cancelled.item_kind,
        cancelled.customer_id,
        cancelled.country,
        cancelled.invoice_date as return_date,
        cancelled.invoice_hour as return_hour,
        sold.invoice_date as order_date,
        sold.invoice_hour as order_hour,
        {{ days_between('sold.invoice_date', 'cancelled.invoice_date') }} as days_to_return,
        cast(links.units as {{ type_int64() }}) as units,
        cancelled.unit_price,
        cast(links.units * cancelled.unit_price as {{ type_money() }}) as returned_value
    from links
    inner join cancelled
        on links.cancelled_place = cancelled.line_place
    left join sold
        on links.sold_place = sold.line_place

)

select * from final
