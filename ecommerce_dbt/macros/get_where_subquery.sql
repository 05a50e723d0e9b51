{#- dbt's generic tests read their model through this macro. `where: loaded_window(<column>)` in a
    test's config keeps the test to the months that the call loads, so that adding a month costs
    one month. Any other `where` works as in dbt itself. -#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {%- set found = modules.re.fullmatch('loaded_window\\((\\w+)\\)', where | trim) -%}
    {%- set predicate = in_loaded_window(found.group(1)) if found else where -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ predicate ~ ') as dbt_subquery') }}
{%- endmacro %}
