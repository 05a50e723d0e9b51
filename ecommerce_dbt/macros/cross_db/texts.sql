{#- Texts judged and read as numbers. -#}

{#- Whether a text holds a match of a regular expression (RE2); null for null. -#}
{% macro matches(text, pattern) %}{{ return(adapter.dispatch('matches')(text, pattern)) }}{% endmacro %}
{% macro duckdb__matches(text, pattern) %}{{ return('regexp_matches(' ~ text ~ ', \'' ~ pattern ~ '\')') }}{% endmacro %}
{% macro bigquery__matches(text, pattern) %}{{ return('regexp_contains(' ~ text ~ ', r\'' ~ pattern ~ '\')') }}{% endmacro %}

{#- A text as a value of a type; null where it is not one. Only for texts that `matches` has judged: the
    engines differ in what else they take for a number. -#}
{% macro cast_or_null(text, data_type) %}{{ return(adapter.dispatch('cast_or_null')(text, data_type)) }}{% endmacro %}
{% macro duckdb__cast_or_null(text, data_type) %}{{ return('try_cast(' ~ text ~ ' as ' ~ data_type ~ ')') }}{% endmacro %}
{% macro bigquery__cast_or_null(text, data_type) %}{{ return('safe_cast(' ~ text ~ ' as ' ~ data_type ~ ')') }}{% endmacro %}
