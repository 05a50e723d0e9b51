{{ config(**monthly('session_month')) }}

{#- Edges are numbered while they are counted: grouping by whole numbers is faster than by names. -#}
{%- set kinds = event_kinds() %}
{%- set states = kinds + ['start', 'end'] %}
{%- set start, end = 4, 5 %}

with

-- Sessions of one kind of event: their edges follow from the number of events.
uniform_sessions as (

    select
        session_date,
        user_id,
        n_events,
        case
            {%- for column in ['n_views', 'n_carts', 'n_removes', 'n_purchases'] %}
            when n_events = {{ column }} then {{ loop.index0 }}
            {%- endfor %}
        end as kind_no
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid
        and (n_events = n_views or n_events = n_carts or n_events = n_removes or n_events = n_purchases)

),

paths as (

    select * from {{ ref('int_cosmetics__session_paths').render() }}
    where {{ in_batch('session_start_at') }}

),

-- What one user's sessions of a day have in common is one row from here on.
uniform_user_days as (

    select
        session_date,
        user_id,
        kind_no,
        count(*) as n_sessions,
        count(case when n_events > 1 then 1 end) as n_repeating_sessions,
        sum(n_events) - count(*) as n_repeats
    from uniform_sessions
    group by session_date, user_id, kind_no

),

edges as (

    select
        session_date,
        user_id,
        {{ start * 10 }} + kind_no as edge_no,
        n_sessions as n_transitions,
        n_sessions
    from uniform_user_days

    union all

    select
        session_date,
        user_id,
        kind_no * 10 + {{ end }} as edge_no,
        n_sessions as n_transitions,
        n_sessions
    from uniform_user_days

    union all

    select
        session_date,
        user_id,
        kind_no * 11 as edge_no,
        n_repeats as n_transitions,
        n_repeating_sessions as n_sessions
    from uniform_user_days
    where n_repeats > 0

    union all

    select
        session_date,
        user_id,
        {{ start * 10 }} + first_kind_no as edge_no,
        1 as n_transitions,
        1 as n_sessions
    from paths

    union all

    select
        session_date,
        user_id,
        last_kind_no * 10 + {{ end }} as edge_no,
        1 as n_transitions,
        1 as n_sessions
    from paths
    {%- for from_kind in kinds %}
    {%- set from_no = loop.index0 %}
    {%- for to_kind in kinds %}

    union all

    select
        session_date,
        user_id,
        {{ from_no * 10 + loop.index0 }} as edge_no,
        n_{{ from_kind }}_to_{{ to_kind }} as n_transitions,
        1 as n_sessions
    from paths
    where n_{{ from_kind }}_to_{{ to_kind }} > 0
    {%- endfor %}
    {%- endfor %}

),

user_edges as (

    select
        session_date,
        edge_no,
        user_id,
        sum(n_transitions) as n_transitions,
        sum(n_sessions) as n_sessions
    from edges
    group by session_date, edge_no, user_id

),

daily_edges as (

    select
        session_date,
        edge_no,
        sum(n_transitions) as n_transitions,
        sum(n_sessions) as n_sessions,
        count(*) as n_users
    from user_edges
    group by session_date, edge_no

),

final as (

    select
        {{ month_of_date('session_date') }} as session_month,
        session_date,
        case {{ int_div('edge_no', 10) }}
            {%- for state in states %}
            when {{ loop.index0 }} then '{{ state }}'
            {%- endfor %}
        end as from_state,
        case mod(edge_no, 10)
            {%- for state in states %}
            when {{ loop.index0 }} then '{{ state }}'
            {%- endfor %}
        end as to_state,
        cast(n_transitions as {{ type_int64() }}) as n,
        n_users as users,  -- noqa: RF04
        cast(n_sessions as {{ type_int64() }}) as sessions
    from daily_edges

)

select * from final
