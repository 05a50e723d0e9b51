{#- Schemas are `<domain>_<layer>` word for word, never prefixed with the target's own schema:
    raw data and models of one domain lie side by side in every environment. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
