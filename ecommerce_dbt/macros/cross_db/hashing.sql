{#- SHA-256 of a text as 64 lower-case hex digits. -#}
{% macro sha256_hex(text) %}{{ return(adapter.dispatch('sha256_hex')(text)) }}{% endmacro %}
{% macro duckdb__sha256_hex(text) %}{{ return('sha256(' ~ text ~ ')') }}{% endmacro %}
{% macro bigquery__sha256_hex(text) %}{{ return('to_hex(sha256(' ~ text ~ '))') }}{% endmacro %}

{#- One text from several expressions that no other list of values gives: each value is preceded by
    its length, a null is `~`. `||` and not concat(), which skips nulls on DuckDB. Numbers and
    instants are passed as their text. -#}
{% macro unambiguous_text(expressions) -%}
    {%- for expression in expressions -%}
    coalesce(cast(length({{ expression }}) as {{ dbt.type_string() }}) || ':' || {{ expression }}, '~')
    {{- ' || ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A key for rows of ours: the first 128 bits of the SHA-256, as 32 hex digits. -#}
{% macro short_key(text) -%}
    substr({{ sha256_hex(text) }}, 1, 32)
{%- endmacro %}

{#- Any value as text. -#}
{% macro as_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}
