{#- Schemas are `<domain>_<layer>` word for word, never prefixed with the target's own schema:
    raw data and models of one domain lie side by side in every environment. A model's folder says
    both: models/<layer>/<domain>/. The target `ci` reads dev, so all that it builds goes into its one
    data set. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {% if target.name == 'ci' -%}
        {{ target.schema | trim }}
    {%- elif custom_schema_name or node.resource_type != 'model' -%}
        {{ (custom_schema_name or target.schema) | trim }}
    {%- elif place_of(node) | length < 4 -%}
        {{ exceptions.raise_compiler_error(
            "The model " ~ node.name ~ " is in no domain's folder; put it into models/<layer>/<domain>/."
        ) }}
    {%- else -%}
        {{ place_of(node)[2] }}_{{ place_of(node)[1] }}
    {%- endif %}
{%- endmacro %}


{#- The parts of the path of a model, or of the file of its unit tests: models, layer, domain, file. -#}
{% macro place_of(node) %}{{ return(node.original_file_path.replace('\\', '/').split('/')) }}{% endmacro %}
