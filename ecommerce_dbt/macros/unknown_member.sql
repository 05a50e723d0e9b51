{#- How a missing brand or category code is shown in a mart. -#}
{% macro unknown_member() %}{{ return("'(unknown)'") }}{% endmacro %}
