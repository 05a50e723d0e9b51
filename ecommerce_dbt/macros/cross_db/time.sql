{#- Calendar parts and differences of instants, always in UTC. DuckDB goes through microseconds:
    four times faster than its time-zone functions, and independent of the session's zone. -#}

{#- The UTC calendar day of an instant, as DATE. -#}
{% macro utc_date(instant) %}{{ return(adapter.dispatch('utc_date')(instant)) }}{% endmacro %}
{% macro duckdb__utc_date(instant) %}{{ return('cast(make_timestamp(epoch_us(' ~ instant ~ ')) as date)') }}{% endmacro %}
{% macro bigquery__utc_date(instant) %}{{ return('date(' ~ instant ~ ', \'UTC\')') }}{% endmacro %}

{#- The UTC hour of an instant, 0 to 23. -#}
{% macro utc_hour(instant) %}{{ return(adapter.dispatch('utc_hour')(instant)) }}{% endmacro %}
{% macro duckdb__utc_hour(instant) %}{{ return('extract(hour from make_timestamp(epoch_us(' ~ instant ~ ')))') }}{% endmacro %}
{% macro bigquery__utc_hour(instant) %}{{ return('extract(hour from ' ~ instant ~ ' at time zone \'UTC\')') }}{% endmacro %}

{#- The first instant of the UTC month of an instant. -#}
{% macro utc_month(instant) %}{{ return(adapter.dispatch('utc_month')(instant)) }}{% endmacro %}
{% macro duckdb__utc_month(instant) %}{{ return('timezone(\'UTC\', cast(date_trunc(\'month\', make_timestamp(epoch_us(' ~ instant ~ '))) as timestamp))') }}{% endmacro %}
{% macro bigquery__utc_month(instant) %}{{ return('timestamp_trunc(' ~ instant ~ ', month, \'UTC\')') }}{% endmacro %}

{#- The first instant of the UTC month of a calendar day. -#}
{% macro month_of_date(day) %}{{ return(adapter.dispatch('month_of_date')(day)) }}{% endmacro %}
{% macro duckdb__month_of_date(day) %}{{ return('timezone(\'UTC\', cast(date_trunc(\'month\', ' ~ day ~ ') as timestamp))') }}{% endmacro %}
{% macro bigquery__month_of_date(day) %}{{ return('timestamp(date_trunc(' ~ day ~ ', month), \'UTC\')') }}{% endmacro %}

{#- Microseconds since 1970-01-01 00:00 UTC, as an integer. -#}
{% macro epoch_micros(instant) %}{{ return(adapter.dispatch('epoch_micros')(instant)) }}{% endmacro %}
{% macro duckdb__epoch_micros(instant) %}{{ return('epoch_us(' ~ instant ~ ')') }}{% endmacro %}
{% macro bigquery__epoch_micros(instant) %}{{ return('unix_micros(' ~ instant ~ ')') }}{% endmacro %}

{#- Whole seconds from one instant to a later one. -#}
{% macro seconds_between(earlier, later) -%}
    {{ int_div(epoch_micros(later) ~ ' - ' ~ epoch_micros(earlier), 1000000) }}
{%- endmacro %}

{#- The calendar day of an instant in a time zone (IANA), as DATE. -#}
{% macro local_date(instant, tz) %}{{ return(adapter.dispatch('local_date')(instant, tz)) }}{% endmacro %}
{% macro duckdb__local_date(instant, tz) %}{{ return('cast(timezone(\'' ~ tz ~ '\', ' ~ instant ~ ') as date)') }}{% endmacro %}
{% macro bigquery__local_date(instant, tz) %}{{ return('date(' ~ instant ~ ', \'' ~ tz ~ '\')') }}{% endmacro %}

{#- The hour of an instant in a time zone (IANA), 0 to 23. -#}
{% macro local_hour(instant, tz) %}{{ return(adapter.dispatch('local_hour')(instant, tz)) }}{% endmacro %}
{% macro duckdb__local_hour(instant, tz) %}{{ return('extract(hour from timezone(\'' ~ tz ~ '\', ' ~ instant ~ '))') }}{% endmacro %}
{% macro bigquery__local_hour(instant, tz) %}{{ return('extract(hour from ' ~ instant ~ ' at time zone \'' ~ tz ~ '\')') }}{% endmacro %}
