{#- The key of a session: its user, its start, the shop's session id, and for a pseudo-session, which
    has no id, the row's place in its file. A purchase without session id finds its order by it. -#}
{% macro session_key(user_id, start_at, session_source_id, row_no) -%}
    {{ short_key(unambiguous_text([
        as_text(user_id),
        as_text(epoch_micros(start_at)),
        session_source_id,
        as_text(row_no),
    ])) }}
{%- endmacro %}
