{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}
{%- set unit = ['session_source_id', 'user_id'] %}

with

events as (

    select
        event_at,
        event_type,
        product_id,
        price,
        user_id,
        session_source_id,
        source_row_no
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at', reach_days=session_reach_days()) }}

),

-- The unit of a session: one user within one source session.
units as (

    select
        session_source_id,
        user_id,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at
    from events
    where session_source_id is not null
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

-- About one unit in a hundred; only these need window functions.
long_units as (

    select
        session_source_id,
        user_id
    from units
    where {{ epoch_micros('last_event_at') }} - {{ epoch_micros('first_event_at') }} > {{ day_us }}

),

long_unit_events as (

    select
        events.*,
        lag(events.event_at) over (
            partition by events.session_source_id, events.user_id
            order by events.event_at, events.source_row_no
        ) as previous_event_at
    from events
    inner join long_units
        on
            events.session_source_id = long_units.session_source_id
            and events.user_id = long_units.user_id

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
            partition by session_source_id, user_id
            order by event_at, source_row_no
            rows between unbounded preceding and current row
        ) as run_no,
        sum(starts_piece) over (
            partition by session_source_id, user_id
            order by event_at, source_row_no
            rows between unbounded preceding and current row
        ) as fine_piece_no
    from long_unit_cuts

),

long_run_spans as (

    select
        session_source_id,
        user_id,
        run_no,
        min(fine_piece_no) as first_piece_no,
        {{ epoch_micros('max(event_at)') }} - {{ epoch_micros('min(event_at)') }} > {{ day_us }} as is_over_a_day
    from long_unit_runs
    group by session_source_id, user_id, run_no

),

-- A run within 24 h stays whole under its first piece's number; a longer one falls into its pieces.
pieced_events as (

    select
        events.event_at,
        events.event_type,
        events.product_id,
        events.price,
        events.user_id,
        events.session_source_id,
        events.source_row_no,
        case when events.session_source_id is null then events.source_row_no else -1 end as piece_no,
        cast(null as {{ dbt.type_string() }}) as cut_reason
    from events
    left join long_units
        on
            events.session_source_id = long_units.session_source_id
            and events.user_id = long_units.user_id
    where
        long_units.user_id is null
        and (events.session_source_id is not null or ({{ in_batch('events.event_at') }}))

    union all

    select
        long_unit_runs.event_at,
        long_unit_runs.event_type,
        long_unit_runs.product_id,
        long_unit_runs.price,
        long_unit_runs.user_id,
        long_unit_runs.session_source_id,
        long_unit_runs.source_row_no,
        case
            when long_run_spans.is_over_a_day then long_unit_runs.fine_piece_no
            else long_run_spans.first_piece_no
        end as piece_no,
        case when long_run_spans.is_over_a_day then 'over_24h' else 'gap_over_24h' end as cut_reason
    from long_unit_runs
    inner join long_run_spans
        on
            long_unit_runs.session_source_id = long_run_spans.session_source_id
            and long_unit_runs.user_id = long_run_spans.user_id
            and long_unit_runs.run_no = long_run_spans.run_no

),

pieces as (

    select
        session_source_id,
        user_id,
        piece_no,
        max(cut_reason) as cut_reason,
        min(event_at) as session_start_at,
        max(event_at) as session_end_at,
        min(case when session_source_id is null then source_row_no end) as key_row_no,
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
    group by session_source_id, user_id, piece_no

),

-- One narrow pass beside the wide one: three count(distinct) in the wide one take four times as long.
piece_products as (

    select
        session_source_id,
        user_id,
        piece_no,
        product_id,
        max(case when event_type = 'view' then 1 else 0 end) as is_viewed,
        max(case when event_type = 'cart' then 1 else 0 end) as is_carted,
        max(case when event_type = 'purchase' then 1 else 0 end) as is_purchased
    from pieced_events
    where session_source_id is not null
    group by session_source_id, user_id, piece_no, product_id

),

product_counts as (

    select
        session_source_id,
        user_id,
        piece_no,
        sum(is_viewed) as n_products_viewed,
        sum(is_carted) as n_products_carted,
        sum(is_purchased) as n_products_purchased
    from piece_products
    group by session_source_id, user_id, piece_no

),

-- A session belongs to the month it starts in.
sessions as (

    select
        {{ short_key(unambiguous_text([
            as_text('pieces.user_id'),
            as_text(epoch_micros('pieces.session_start_at')),
            'pieces.session_source_id',
            as_text('pieces.key_row_no'),
        ])) }} as session_key,
        pieces.*,
        pieces.session_source_id is not null as is_valid,
        coalesce(product_counts.n_products_viewed, pieces.n_views) as n_products_viewed,
        coalesce(product_counts.n_products_carted, pieces.n_carts) as n_products_carted,
        coalesce(product_counts.n_products_purchased, pieces.n_purchases) as n_products_purchased,
        coalesce(shared_source_sessions.n_users, 1) as n_users_in_source_session
    from pieces
    left join product_counts
        on
            pieces.session_source_id = product_counts.session_source_id
            and pieces.user_id = product_counts.user_id
            and pieces.piece_no = product_counts.piece_no
    left join shared_source_sessions
        on pieces.session_source_id = shared_source_sessions.session_source_id
    where {{ in_batch('pieces.session_start_at') }}

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
    from sessions

)

select * from final
