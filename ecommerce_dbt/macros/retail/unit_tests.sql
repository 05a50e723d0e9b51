{#- In which month the rows of this domain's unit tests lie: its first day, and that of the next. -#}
{% macro retail__month_of_unit_tests() %}{{ return(['2010-12-01', '2011-01-01']) }}{% endmacro %}
