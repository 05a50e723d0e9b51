{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}

with

-- The month is imported three times, each time with the columns of one reader: a shared import would
-- be kept in memory as a whole (DuckDB), and is read as often anyway (BigQuery).
event_units as (

    select
        event_at,
        user_id,
        session_source_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and session_source_id is not null

),

session_events as (

    select
        event_at,
        event_type,
        product_id,
        price,
        user_id,
        session_source_id,
        source_row_no
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and session_source_id is not null

),

-- An event without a session id is a session of its own, which no event of another month joins.
null_session_events as (

    select
        event_at,
        price,
        user_id,
        session_source_id,
        source_row_no,
        case when event_type = 'view' then 1 else 0 end as is_view,
        case when event_type = 'cart' then 1 else 0 end as is_cart,
        case when event_type = 'remove_from_cart' then 1 else 0 end as is_remove,
        case when event_type = 'purchase' then 1 else 0 end as is_purchase,
        case when price > 0 then price else 0 end as positive_price
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and session_source_id is null

),

-- The unit of a session: one user within one source session. Its number stands in for the two keys
-- below, because grouping by whole numbers takes half the time and memory of grouping by text.
units as (

    select
        session_source_id,
        user_id,
        row_number() over () as unit_no,
        {{ epoch_micros('max(event_at)') }} - {{ epoch_micros('min(event_at)') }} > {{ day_us }} as is_over_a_day
    from event_units
    group by session_source_id, user_id

),

shared_source_sessions as (

    select
        session_source_id,
        count(*) as n_users
    from units
    group by session_source_id
    having count(*) > 1

),

unit_events as (

    select
        units.unit_no,
        units.is_over_a_day,
        session_events.event_at,
        session_events.event_type,
        session_events.product_id,
        session_events.price,
        session_events.source_row_no
    from session_events
    inner join units
        on
            session_events.session_source_id = units.session_source_id
            and session_events.user_id = units.user_id

),

-- About one unit in a hundred is seen over more than a day; only these need window functions.
long_unit_events as (

    select
        *,
        lag(event_at) over (partition by unit_no order by event_at, source_row_no) as previous_event_at
    from unit_events
    where is_over_a_day

),

-- Every cut that may be needed: the coarse ones make runs, the fine ones make pieces of a long run.
long_unit_cuts as (

    select
        *,
        case
            when {{ epoch_micros('event_at') }} - {{ epoch_micros('previous_event_at') }} > {{ day_us }} then 1
            else 0
        end as starts_run,
        case
            when {{ epoch_micros('event_at') }} - {{ epoch_micros('previous_event_at') }} >= {{ idle_us }} then 1
            when {{ utc_date('event_at') }} <> {{ utc_date('previous_event_at') }} then 1
            else 0
        end as starts_piece
    from long_unit_events

),

long_unit_runs as (

    select
        *,
        sum(starts_run) over (
            partition by unit_no
            order by event_at, source_row_no
            rows between unbounded preceding and current row
        ) as run_no,
        sum(starts_piece) over (
            partition by unit_no
            order by event_at, source_row_no
            rows between unbounded preceding and current row
        ) as fine_piece_no
    from long_unit_cuts

),

long_run_spans as (

    select
        unit_no,
        run_no,
        min(fine_piece_no) as first_piece_no,
        {{ epoch_micros('max(event_at)') }} - {{ epoch_micros('min(event_at)') }} > {{ day_us }} as is_over_a_day
    from long_unit_runs
    group by unit_no, run_no

),

-- A run within 24 h stays whole under its first piece's number; a longer one falls into its pieces.
pieced_events as (

    select
        unit_no,
        0 as piece_no,
        cast(null as {{ dbt.type_string() }}) as cut_reason,
        event_at,
        event_type,
        product_id,
        price
    from unit_events
    where not is_over_a_day

    union all

    select
        long_unit_runs.unit_no,
        case
            when long_run_spans.is_over_a_day then long_unit_runs.fine_piece_no
            else long_run_spans.first_piece_no
        end as piece_no,
        case when long_run_spans.is_over_a_day then 'over_24h' else 'gap_over_24h' end as cut_reason,
        long_unit_runs.event_at,
        long_unit_runs.event_type,
        long_unit_runs.product_id,
        long_unit_runs.price
    from long_unit_runs
    inner join long_run_spans
        on
            long_unit_runs.unit_no = long_run_spans.unit_no
            and long_unit_runs.run_no = long_run_spans.run_no

),

unit_pieces as (

    select
        unit_no,
        piece_no,
        max(cut_reason) as cut_reason,
        min(event_at) as session_start_at,
        max(event_at) as session_end_at,
        count(*) as n_events,
        count(case when event_at >= {{ batch_end() }} then 1 end) as n_events_next_month,
        count(case when event_type = 'view' then 1 end) as n_views,
        count(case when event_type = 'cart' then 1 end) as n_carts,
        count(case when event_type = 'remove_from_cart' then 1 end) as n_removes,
        count(case when event_type = 'purchase' then 1 end) as n_purchases,
        min(case when event_type = 'view' then event_at end) as first_view_at,
        min(case when event_type = 'cart' then event_at end) as first_cart_at,
        min(case when event_type = 'purchase' then event_at end) as first_purchase_at,
        sum(case when event_type = 'cart' and price > 0 then price else 0 end) as cart_value_added,
        sum(case when event_type = 'remove_from_cart' and price > 0 then price else 0 end) as cart_value_removed,
        sum(case when event_type = 'purchase' and price > 0 then price else 0 end) as purchase_value,
        sum(case when event_type = 'purchase' and price < 0 then price else 0 end) as adjustment_value
    from pieced_events
    group by unit_no, piece_no

),

-- One narrow pass beside the wide one: three count(distinct) in the wide one take four times as long.
piece_products as (

    select
        unit_no,
        piece_no,
        product_id,
        max(case when event_type = 'view' then 1 else 0 end) as is_viewed,
        max(case when event_type = 'cart' then 1 else 0 end) as is_carted,
        max(case when event_type = 'purchase' then 1 else 0 end) as is_purchased
    from pieced_events
    group by unit_no, piece_no, product_id

),

product_counts as (

    select
        unit_no,
        piece_no,
        sum(is_viewed) as n_products_viewed,
        sum(is_carted) as n_products_carted,
        sum(is_purchased) as n_products_purchased
    from piece_products
    group by unit_no, piece_no

),

-- A session belongs to the month it starts in.
sessions as (

    select
        units.session_source_id,
        units.user_id,
        cast(null as {{ type_int64() }}) as key_row_no,
        unit_pieces.cut_reason,
        coalesce(shared_source_sessions.n_users, 1) as n_users_in_source_session,
        unit_pieces.session_start_at,
        unit_pieces.session_end_at,
        unit_pieces.n_events,
        unit_pieces.n_events_next_month,
        unit_pieces.n_views,
        unit_pieces.n_carts,
        unit_pieces.n_removes,
        unit_pieces.n_purchases,
        unit_pieces.first_view_at,
        unit_pieces.first_cart_at,
        unit_pieces.first_purchase_at,
        unit_pieces.cart_value_added,
        unit_pieces.cart_value_removed,
        unit_pieces.purchase_value,
        unit_pieces.adjustment_value,
        product_counts.n_products_viewed,
        product_counts.n_products_carted,
        product_counts.n_products_purchased
    from unit_pieces
    inner join product_counts
        on
            unit_pieces.unit_no = product_counts.unit_no
            and unit_pieces.piece_no = product_counts.piece_no
    inner join units
        on unit_pieces.unit_no = units.unit_no
    left join shared_source_sessions
        on units.session_source_id = shared_source_sessions.session_source_id
    where {{ in_batch('unit_pieces.session_start_at') }}

    union all

    select
        session_source_id,
        user_id,
        source_row_no as key_row_no,
        cast(null as {{ dbt.type_string() }}) as cut_reason,
        1 as n_users_in_source_session,
        event_at as session_start_at,
        event_at as session_end_at,
        1 as n_events,
        0 as n_events_next_month,
        is_view as n_views,
        is_cart as n_carts,
        is_remove as n_removes,
        is_purchase as n_purchases,
        case when is_view = 1 then event_at end as first_view_at,
        case when is_cart = 1 then event_at end as first_cart_at,
        case when is_purchase = 1 then event_at end as first_purchase_at,
        is_cart * positive_price as cart_value_added,
        is_remove * positive_price as cart_value_removed,
        is_purchase * positive_price as purchase_value,
        case when is_purchase = 1 and price < 0 then price else 0 end as adjustment_value,
        is_view as n_products_viewed,
        is_cart as n_products_carted,
        is_purchase as n_products_purchased
    from null_session_events

),

keyed_sessions as (

    select
        *,
        {{ short_key(unambiguous_text([
            as_text('user_id'),
            as_text(epoch_micros('session_start_at')),
            'session_source_id',
            as_text('key_row_no'),
        ])) }} as session_key,
        session_source_id is not null as is_valid
    from sessions

),

final as (

    select
        session_key,
        session_source_id,
        user_id,
        session_start_at,
        session_end_at,
        {{ utc_date('session_start_at') }} as session_date,
        {{ utc_month('session_start_at') }} as session_month,
        {{ seconds_between('session_start_at', 'session_end_at') }} as duration_s,
        n_events,
        n_events_next_month,
        n_views,
        n_carts,
        n_removes,
        n_purchases,
        cast(n_products_viewed as {{ type_int64() }}) as n_products_viewed,
        cast(n_products_carted as {{ type_int64() }}) as n_products_carted,
        cast(n_products_purchased as {{ type_int64() }}) as n_products_purchased,
        first_view_at,
        first_cart_at,
        first_purchase_at,
        cast(cart_value_added as {{ type_money() }}) as cart_value_added,
        cast(cart_value_removed as {{ type_money() }}) as cart_value_removed,
        cast(purchase_value as {{ type_money() }}) as purchase_value,
        cast(adjustment_value as {{ type_money() }}) as adjustment_value,
        n_views > 0 as reached_view,
        n_carts > 0 as reached_cart,
        n_purchases > 0 as reached_purchase,
        is_valid and n_events = 1 and n_views = 1 as is_bounce,
        n_carts > 0 and n_purchases = 0 as is_cart_abandoned,
        n_users_in_source_session,
        is_valid,
        case when not is_valid then 'null_session' end as invalid_reason,
        session_end_at >= {{ batch_end() }} as crosses_month_end,
        cut_reason is not null or n_users_in_source_session > 1 as was_split,
        case
            when cut_reason is not null then cut_reason
            when n_users_in_source_session > 1 then 'several_users'
        end as split_reason,
        case
            when is_valid
                then row_number() over (
                    partition by user_id, is_valid
                    order by session_start_at, session_key
                )
        end as visit_no_in_month
    from keyed_sessions

)

select * from final
