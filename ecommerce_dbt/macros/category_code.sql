{#- One level of a category code such as `appliances.environment.vacuum`, counted from 1; null where
    the code is missing or not so deep. -#}
{% macro code_level(code, level) -%}
    nullif({{ dbt.split_part(code, "'.'", level) }}, '')
{%- endmacro %}
