{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set day_us = 24 * 60 * 60 * 1000000 %}
{%- set idle_us = 30 * 60 * 1000000 %}

{#- What is counted of the events of a session, whole or a piece of a longer one. -#}
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

{#- A number of its own for each row of the three files that the reach touches. -#}
{%- set event_no -%}
source_row_no
        + case
            when event_at < {{ batch_month() }} then 0
            when event_at < {{ batch_end() }} then 1000000000000
            else 2000000000000
        end
{%- endset %}

with

-- The month is imported three times, each time with the columns of one reader: a shared import would
-- be kept in memory as a whole (DuckDB), and is read as often anyway (BigQuery). No event of another
-- month joins an event without session id.
unit_events as (

    select
        event_at,
        event_type,
        price,
        user_id,
        session_source_id,
        case when session_source_id is null then source_row_no end as null_session_row_no,
        {{ event_no }} as event_no
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and (session_source_id is not null or ({{ in_batch('event_at') }}))

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

whole_events as (

    select
        event_at,
        event_type,
        product_id,
        price,
        user_id,
        session_source_id,
        source_row_no,
        {{ event_no }} as event_no
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at', reach_days=session_reach_days()) }}
        and session_source_id is not null

),

-- The unit of a session: one user within one source session, or one event without a session id. The
-- number of its first event stands in for these keys below: whole numbers are grouped in half the time
-- and memory of text, and unlike a row_number() it is the same wherever the query is evaluated.
units as (

    select
        session_source_id,
        user_id,
        null_session_row_no,
        min(event_no) as session_no,
        {{ epoch_micros('max(event_at)') }} - {{ epoch_micros('min(event_at)') }} > {{ day_us }} as is_over_a_day,
        {{ figures }}
    from unit_events
    group by session_source_id, user_id, null_session_row_no

),

shared_source_sessions as (

    select
        session_source_id,
        count(*) as n_users
    from units
    where session_source_id is not null
    group by session_source_id
    having count(*) > 1

),

-- About one unit in a hundred is seen over more than a day; only these need window functions.
long_unit_events as (

    select
        units.session_no as unit_no,
        whole_events.*,
        lag(whole_events.event_at) over (
            partition by units.session_no
            order by whole_events.event_at, whole_events.source_row_no
        ) as previous_event_at
    from whole_events
    inner join units
        on
            whole_events.session_source_id = units.session_source_id
            and whole_events.user_id = units.user_id
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
        long_unit_runs.*,
        case
            when long_run_spans.is_over_a_day then long_unit_runs.fine_piece_no
            else long_run_spans.first_piece_no
        end as piece_no,
        case when long_run_spans.is_over_a_day then 'over_24h' else 'gap_over_24h' end as cut_reason
    from long_unit_runs
    inner join long_run_spans
        on
            long_unit_runs.unit_no = long_run_spans.unit_no
            and long_unit_runs.run_no = long_run_spans.run_no

),

piece_events as (

    select
        *,
        min(event_no) over (partition by unit_no, piece_no) as session_no
    from long_unit_pieces

),

-- A session belongs to the month it starts in.
sessions as (

    select
        session_no,
        session_source_id,
        user_id,
        null_session_row_no,
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
    where
        {{ in_batch('session_start_at') }}
        and not is_over_a_day

    union all

    select
        session_no,
        session_source_id,
        user_id,
        cast(null as {{ type_int64() }}) as null_session_row_no,
        max(cut_reason) as cut_reason,
        {{ figures }}
    from piece_events
    group by session_no, session_source_id, user_id
    having {{ in_batch('min(event_at)') }}

),

-- A session of one event has at most one product of each kind, which its events count already.
countable_products as (

    select
        units.session_no,
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
        session_no,
        event_type,
        product_id
    from piece_events
    where event_type <> 'remove_from_cart'

),

-- One narrow pass beside the wide one: three count(distinct) in the wide one take four times as long.
session_products as (

    select
        session_no,
        product_id,
        max(case when event_type = 'view' then 1 else 0 end) as is_viewed,
        max(case when event_type = 'cart' then 1 else 0 end) as is_carted,
        max(case when event_type = 'purchase' then 1 else 0 end) as is_purchased
    from countable_products
    group by session_no, product_id

),

product_counts as (

    select
        session_no,
        sum(is_viewed) as n_products_viewed,
        sum(is_carted) as n_products_carted,
        sum(is_purchased) as n_products_purchased
    from session_products
    group by session_no

),

-- Sessions are keyed and sorted without their figures, which would make the sort a wide one.
keyed_sessions as (

    select
        session_no,
        user_id,
        session_start_at,
        session_source_id is not null as is_valid,
        {{ session_key('user_id', 'session_start_at', 'session_source_id', 'null_session_row_no') }} as session_key
    from sessions

),

visits as (

    select
        session_no,
        session_key,
        is_valid,
        case
            when is_valid
                then row_number() over (
                    partition by user_id, is_valid
                    order by session_start_at, session_key
                )
        end as visit_no_in_month
    from keyed_sessions

),

final as (

    select
        visits.session_key,
        sessions.session_source_id,
        sessions.user_id,
        sessions.session_start_at,
        sessions.session_end_at,
        {{ utc_date('sessions.session_start_at') }} as session_date,
        {{ utc_month('sessions.session_start_at') }} as session_month,
        {{ seconds_between('sessions.session_start_at', 'sessions.session_end_at') }} as duration_s,
        sessions.n_events,
        sessions.n_events_next_month,
        sessions.n_views,
        sessions.n_carts,
        sessions.n_removes,
        sessions.n_purchases,
        {% for kind, count in {'viewed': 'n_views', 'carted': 'n_carts', 'purchased': 'n_purchases'}.items() -%}
        cast(coalesce(product_counts.n_products_{{ kind }}, sessions.{{ count }}) as {{ type_int64() }})
            as n_products_{{ kind }},
        {% endfor -%}
        sessions.first_view_at,
        sessions.first_cart_at,
        sessions.first_purchase_at,
        cast(sessions.cart_value_added as {{ type_money() }}) as cart_value_added,
        cast(sessions.cart_value_removed as {{ type_money() }}) as cart_value_removed,
        cast(sessions.purchase_value as {{ type_money() }}) as purchase_value,
        cast(sessions.adjustment_value as {{ type_money() }}) as adjustment_value,
        sessions.n_views > 0 as reached_view,
        sessions.n_carts > 0 as reached_cart,
        sessions.n_purchases > 0 as reached_purchase,
        visits.is_valid and sessions.n_events = 1 and sessions.n_views = 1 as is_bounce,
        sessions.n_carts > 0 and sessions.n_purchases = 0 as is_cart_abandoned,
        coalesce(shared_source_sessions.n_users, 1) as n_users_in_source_session,
        visits.is_valid,
        case when not visits.is_valid then 'null_session' end as invalid_reason,
        sessions.session_end_at >= {{ batch_end() }} as crosses_month_end,
        sessions.cut_reason is not null or shared_source_sessions.n_users is not null as was_split,
        case
            when sessions.cut_reason is not null then sessions.cut_reason
            when shared_source_sessions.n_users is not null then 'several_users'
        end as split_reason,
        visits.visit_no_in_month
    from sessions
    inner join visits
        on sessions.session_no = visits.session_no
    left join product_counts
        on sessions.session_no = product_counts.session_no
    left join shared_source_sessions
        on sessions.session_source_id = shared_source_sessions.session_source_id

)

select * from final
