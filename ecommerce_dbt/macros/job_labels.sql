{#- What stands before every statement, and on BigQuery as labels on its job, by which costs are found:
    the asset, and what the caller says in ECOMMERCE_JOB_LABELS of the run and its months. -#}
{% macro job_labels(node) -%}
    {%- set labels = fromjson(env_var('ECOMMERCE_JOB_LABELS', '{}')) -%}
    {%- do labels.update({'app': 'dbt', 'target': target.name}) -%}
    {%- if node -%}
        {%- do labels.update({'asset': node.schema ~ '_' ~ node.name}) -%}
    {%- endif -%}
    {{ return(tojson(labels)) }}
{%- endmacro %}
