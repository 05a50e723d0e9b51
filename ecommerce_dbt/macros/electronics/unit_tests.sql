{#- In which month the rows of this domain's unit tests lie: its first day, and that of the next. -#}
{% macro electronics__month_of_unit_tests() %}{{ return(['2020-01-01', '2020-02-01']) }}{% endmacro %}
