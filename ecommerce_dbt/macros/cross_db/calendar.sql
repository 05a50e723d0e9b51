{#- Calendar days, ISO weeks and months as DATE, and whole numbers to count them off. -#}

{#- The Monday that starts the ISO week of a day. -#}
{% macro iso_week_start(day) %}{{ return(adapter.dispatch('iso_week_start')(day)) }}{% endmacro %}
{% macro duckdb__iso_week_start(day) %}{{ return('cast(date_trunc(\'week\', ' ~ day ~ ') as date)') }}{% endmacro %}
{% macro bigquery__iso_week_start(day) %}{{ return('date_trunc(' ~ day ~ ', isoweek)') }}{% endmacro %}

{#- The first day of the month of a day. -#}
{% macro month_start(day) %}{{ return(adapter.dispatch('month_start')(day)) }}{% endmacro %}
{% macro duckdb__month_start(day) %}{{ return('cast(date_trunc(\'month\', ' ~ day ~ ') as date)') }}{% endmacro %}
{% macro bigquery__month_start(day) %}{{ return('date_trunc(' ~ day ~ ', month)') }}{% endmacro %}

{#- The day so many days later; a negative number goes back. -#}
{% macro plus_days(day, days) %}{{ return(adapter.dispatch('plus_days')(day, days)) }}{% endmacro %}
{% macro duckdb__plus_days(day, days) %}{{ return('(' ~ day ~ ' + cast(' ~ days ~ ' as integer))') }}{% endmacro %}
{% macro bigquery__plus_days(day, days) %}{{ return('date_add(' ~ day ~ ', interval ' ~ days ~ ' day)') }}{% endmacro %}

{#- The first day of the month so many months after a first day of a month. -#}
{% macro plus_months(first_day, months) %}{{ return(adapter.dispatch('plus_months')(first_day, months)) }}{% endmacro %}
{% macro duckdb__plus_months(first_day, months) %}
    {{- return('cast(' ~ first_day ~ ' + to_months(cast(' ~ months ~ ' as integer)) as date)') -}}
{% endmacro %}
{% macro bigquery__plus_months(first_day, months) %}
    {{- return('date_add(' ~ first_day ~ ', interval ' ~ months ~ ' month)') -}}
{% endmacro %}

{#- Months from the month of one day to the month of a later one. -#}
{% macro months_between(earlier, later) %}{{ return(adapter.dispatch('months_between')(earlier, later)) }}{% endmacro %}
{% macro duckdb__months_between(earlier, later) %}
    {{- return('date_diff(\'month\', ' ~ earlier ~ ', ' ~ later ~ ')') -}}
{% endmacro %}
{% macro bigquery__months_between(earlier, later) %}
    {{- return('date_diff(' ~ later ~ ', ' ~ earlier ~ ', month)') -}}
{% endmacro %}

{#- A FROM item that gives a row for each whole number from 0 to `last`, which may be a column of
    the tables it is cross joined with; none where `last` is below 0. -#}
{% macro each_whole_number(last, column) %}{{ return(adapter.dispatch('each_whole_number')(last, column)) }}{% endmacro %}
{% macro duckdb__each_whole_number(last, column) %}
    {{- return('unnest(generate_series(0, ' ~ last ~ ')) as whole_numbers (' ~ column ~ ')') -}}
{% endmacro %}
{% macro bigquery__each_whole_number(last, column) %}
    {{- return('unnest(generate_array(0, ' ~ last ~ ')) as ' ~ column) -}}
{% endmacro %}

{#- The first day of the year of a day. -#}
{% macro year_start(day) %}{{ return(adapter.dispatch('year_start')(day)) }}{% endmacro %}
{% macro duckdb__year_start(day) %}{{ return('cast(date_trunc(\'year\', ' ~ day ~ ') as date)') }}{% endmacro %}
{% macro bigquery__year_start(day) %}{{ return('date_trunc(' ~ day ~ ', year)') }}{% endmacro %}
