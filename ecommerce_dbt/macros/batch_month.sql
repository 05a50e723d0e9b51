{#- The first instant of the month being built, as a value. -#}
{% macro batch_month() -%}
    cast('{{ batch_window()[0] }}' as {{ type_instant() }})
{%- endmacro %}
