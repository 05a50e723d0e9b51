{#- The order of events. The source resolves seconds, and up to 46 events share one: inside a second
    view < cart < remove_from_cart < purchase, then by the file. A *moment* is an event's place in
    that order as one whole number, microseconds * 4 + kind: events compare, and windows sort, by
    it, and both the kind and the instant can be read back from it. Events of one moment are of one
    kind; the file's order tells them apart where that matters. -#}

{#- The kinds of events in their order inside a second; the place in the list is the kind's number. -#}
{% macro event_kinds() %}{{ return(['view', 'cart', 'remove_from_cart', 'purchase']) }}{% endmacro %}

{#- The number of a kind by its name. -#}
{% macro kind_no(name) %}{{ return(event_kinds().index(name)) }}{% endmacro %}

{#- The moment of an event. -#}
{% macro moment_of(event_at, event_type) -%}
    {{ epoch_micros(event_at) }} * 4
    + case {{ event_type }} when 'view' then 0 when 'cart' then 1 when 'purchase' then 3 else 2 end
{%- endmacro %}

{#- The kind of a moment, 0 to 3. -#}
{% macro moment_kind(moment) -%}
    mod({{ moment }}, 4)
{%- endmacro %}

{#- The instant of a moment. -#}
{% macro moment_instant(moment) -%}
    {{ instant_of_micros(int_div(moment, 4)) }}
{%- endmacro %}

{#- The number of a moment's UTC day, whole days since 1970. -#}
{% macro moment_day_no(moment) -%}
    {{ int_div(moment, 4 * 24 * 60 * 60 * 1000000) }}
{%- endmacro %}

{#- The first moment after the month being built, as a number. -#}
{% macro batch_end_moment() -%}
    {{ (batch_window()[1].timestamp() | int) * 1000000 * 4 }}
{%- endmacro %}


{#- The last moment of a window of some days that opens at a moment: its end is part of it. -#}
{% macro window_end_moment(moment, days) -%}
    ({{ int_div(moment, 4) }} + {{ days * 24 * 60 * 60 * 1000000 }}) * 4 + 3
{%- endmacro %}


{#- The CTE `session_moments`: session_key and moment of each event of `sessions` (session_key,
    session_source_id, user_id, session_start_at, session_end_at), with further columns of both. A
    source session that was cut has its events told apart by the span of its pieces. -#}
{% macro session_moments_ctes(sessions=[], events=[]) -%}
events as (

    select
        session_source_id,
        user_id,
        event_at,
        {% for column in events -%}
        {{ column }},
        {% endfor -%}
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', session_reach_days()) }}
        and session_source_id is not null

),

session_moments as (

    select
        sessions.session_key,
        {% for column in sessions -%}
        sessions.{{ column }},
        {% endfor -%}
        {% for column in events -%}
        events.{{ column }},
        {% endfor -%}
        events.moment
    from events
    inner join sessions
        on
            events.session_source_id = sessions.session_source_id
            and events.user_id = sessions.user_id
            and events.event_at >= sessions.session_start_at
            and events.event_at <= sessions.session_end_at

)
{%- endmacro %}
