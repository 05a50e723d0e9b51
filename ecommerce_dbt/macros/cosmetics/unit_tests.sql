{#- In which month the rows of this domain's unit tests lie: its first day, and that of the next. -#}
{% macro cosmetics__month_of_unit_tests() %}{{ return(['2019-10-01', '2019-11-01']) }}{% endmacro %}
