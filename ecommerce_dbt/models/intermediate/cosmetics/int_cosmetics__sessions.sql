{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}

{#- What is counted of the events of a session, whole or a piece of it. -#}
{%- set figures -%}
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
{%- endset %}

with

-- The month is imported as often as it has readers, each time with the columns of one: a shared import
-- would be kept in memory as a whole (DuckDB), and is read as often anyway (BigQuery). A row's number
-- is unique over the three files that the reach touches.
session_events as (

    select
        event_at,
        event_type,
        price,
        user_id,
        session_source_id,
        source_row_no
        + case
            when event_at < {{ batch_month() }} then 0
            when event_at < {{ batch_end() }} then 1000000000000
            else 2000000000000
        end as event_no
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and session_source_id is not null

),

product_events as (

    select
        event_type,
        product_id,
        user_id,
        session_source_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and session_source_id is not null
        and event_type <> 'remove_from_cart'

),

all_events as (

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

-- The unit of a session: one user within one source session. Its first row's number stands in for the
-- two keys below, because grouping by whole numbers takes half the time and memory of grouping by text.
units as (

    select
        session_source_id,
        user_id,
        min(event_no) as unit_no,
        {{ epoch_micros('max(event_at)') }} - {{ epoch_micros('min(event_at)') }} > {{ day_us }} as is_over_a_day,
        {{ figures }}
    from session_events
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

-- About one unit in a hundred is seen over more than a day; only these need window functions.
long_unit_events as (

    select
        units.unit_no,
        all_events.event_at,
        all_events.event_type,
        all_events.product_id,
        all_events.price,
        lag(all_events.event_at) over (
            partition by units.unit_no
            order by all_events.event_at, all_events.source_row_no
        ) as previous_event_at,
        all_events.source_row_no
    from all_events
    inner join units
        on
            all_events.session_source_id = units.session_source_id
            and all_events.user_id = units.user_id
    where units.is_over_a_day

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
long_unit_pieces as (

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
        0 as piece_no,
        cast(null as {{ dbt.type_string() }}) as cut_reason,
        session_start_at,
        session_end_at,
        n_events,
        n_events_next_month,
        n_views,
        n_carts,
        n_removes,
        n_purchases,
        first_view_at,
        first_cart_at,
        first_purchase_at,
        cart_value_added,
        cart_value_removed,
        purchase_value,
        adjustment_value
    from units
    where not is_over_a_day

    union all

    select
        unit_no,
        piece_no,
        max(cut_reason) as cut_reason,
        {{ figures }}
    from long_unit_pieces
    group by unit_no, piece_no

),

-- A session of one event has at most one product of each kind, which its events count already.
countable_products as (

    select
        units.unit_no,
        0 as piece_no,
        product_events.event_type,
        product_events.product_id
    from product_events
    inner join units
        on
            product_events.session_source_id = units.session_source_id
            and product_events.user_id = units.user_id
    where
        not units.is_over_a_day
        and units.n_events > 1

    union all

    select
        unit_no,
        piece_no,
        event_type,
        product_id
    from long_unit_pieces
    where event_type <> 'remove_from_cart'

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
    from countable_products
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
        unit_pieces.unit_no,
        unit_pieces.piece_no,
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
        coalesce(product_counts.n_products_viewed, unit_pieces.n_views) as n_products_viewed,
        coalesce(product_counts.n_products_carted, unit_pieces.n_carts) as n_products_carted,
        coalesce(product_counts.n_products_purchased, unit_pieces.n_purchases) as n_products_purchased
    from unit_pieces
    left join product_counts
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
        cast(null as {{ type_int64() }}) as unit_no,
        cast(null as {{ type_int64() }}) as piece_no,
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
        {{ session_key('user_id', 'session_start_at', 'session_source_id', 'key_row_no') }} as session_key,
        session_source_id is not null as is_valid
    from sessions

),

-- Only a user of several sessions needs his visits sorted, and nothing but their keys.
user_visits as (

    select
        user_id,
        count(*) as n_visits
    from sessions
    where session_source_id is not null
    group by user_id

),

visits as (

    select
        keyed_sessions.unit_no,
        keyed_sessions.piece_no,
        row_number() over (
            partition by keyed_sessions.user_id
            order by keyed_sessions.session_start_at, keyed_sessions.session_key
        ) as visit_no
    from keyed_sessions
    inner join user_visits
        on keyed_sessions.user_id = user_visits.user_id
    where
        keyed_sessions.is_valid
        and user_visits.n_visits > 1

),

counted_sessions as (

    select
        keyed_sessions.*,
        coalesce(visits.visit_no, 1) as visit_no
    from keyed_sessions
    left join visits
        on
            keyed_sessions.unit_no = visits.unit_no
            and keyed_sessions.piece_no = visits.piece_no

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
        case when is_valid then visit_no end as visit_no_in_month
    from counted_sessions

)

select * from final
