{#- Type names that the two engines spell differently and dbt has no macro for. -#}

{#- An instant in UTC. DuckDB's plain TIMESTAMP has no zone, so it is TIMESTAMPTZ there. -#}
{% macro type_instant() %}{{ return(adapter.dispatch('type_instant')()) }}{% endmacro %}
{% macro duckdb__type_instant() %}{{ return('timestamptz') }}{% endmacro %}
{% macro bigquery__type_instant() %}{{ return('timestamp') }}{% endmacro %}

{#- A 64-bit whole number. dbt's own macro says `bigint` for BigQuery too, an alias that Google's
    analyzer does not know. -#}
{% macro type_int64() %}{{ return(adapter.dispatch('type_int64')()) }}{% endmacro %}
{% macro duckdb__type_int64() %}{{ return('bigint') }}{% endmacro %}
{% macro bigquery__type_int64() %}{{ return('int64') }}{% endmacro %}

{#- Money is exact: four decimals, never a float. BigQuery takes no parameters in a cast; the columns'
    contracts have them. -#}
{% macro type_money() %}{{ return(adapter.dispatch('type_money')()) }}{% endmacro %}
{% macro duckdb__type_money() %}{{ return('decimal(18, 4)') }}{% endmacro %}
{% macro bigquery__type_money() %}{{ return('numeric') }}{% endmacro %}

{#- A floating-point number, for statistics only. -#}
{% macro type_double() %}{{ return(adapter.dispatch('type_double')()) }}{% endmacro %}
{% macro duckdb__type_double() %}{{ return('double') }}{% endmacro %}
{% macro bigquery__type_double() %}{{ return('float64') }}{% endmacro %}

{#- Overrides dbt's own, with which it compares a model with its contract: BigQuery takes no parameters
    in a cast. The table itself gets its columns' full types. -#}
{% macro bigquery__cast(expression, data_type) -%}
    cast({{ expression }} as {{ data_type.split('(')[0] | trim }})
{%- endmacro %}
