{#- Whole numbers that stand for instants and parts of them. -#}

{#- The instant so many microseconds after 1970-01-01 00:00 UTC. -#}
{% macro instant_of_micros(micros) %}{{ return(adapter.dispatch('instant_of_micros')(micros)) }}{% endmacro %}
{% macro duckdb__instant_of_micros(micros) %}{{ return('make_timestamptz(' ~ micros ~ ')') }}{% endmacro %}
{% macro bigquery__instant_of_micros(micros) %}{{ return('timestamp_micros(' ~ micros ~ ')') }}{% endmacro %}

{#- Days from one calendar day to a later one. -#}
{% macro days_between(earlier, later) %}{{ return(adapter.dispatch('days_between')(earlier, later)) }}{% endmacro %}
{% macro duckdb__days_between(earlier, later) %}{{ return('date_diff(\'day\', ' ~ earlier ~ ', ' ~ later ~ ')') }}{% endmacro %}
{% macro bigquery__days_between(earlier, later) %}{{ return('date_diff(' ~ later ~ ', ' ~ earlier ~ ', day)') }}{% endmacro %}
