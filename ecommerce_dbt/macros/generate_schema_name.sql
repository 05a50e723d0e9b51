{#- Schemas are `<domain>_<layer>` word for word, never prefixed with the target's own schema:
    raw data and models of one domain lie side by side in every environment. The target `ci` reads
    dev, so all that it builds goes into its one data set. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {% if target.name == 'ci' -%}
        {{ target.schema | trim }}
    {%- else -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- endif %}
{%- endmacro %}
