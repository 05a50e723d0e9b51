{#- Integer division of two whole numbers (both not negative), as an integer. -#}
{% macro int_div(dividend, divisor) %}{{ return(adapter.dispatch('int_div')(dividend, divisor)) }}{% endmacro %}
{% macro duckdb__int_div(dividend, divisor) %}{{ return('((' ~ dividend ~ ') // ' ~ divisor ~ ')') }}{% endmacro %}
{% macro bigquery__int_div(dividend, divisor) %}{{ return('div((' ~ dividend ~ '), (' ~ divisor ~ '))') }}{% endmacro %}

{#- The rank (1 = smallest) of a percentile among `n` values by the nearest-rank rule,
    ceil(percent / 100 * n), in whole numbers so that both engines agree to the unit. -#}
{% macro nearest_rank(percent, n) -%}
    {{ int_div(percent ~ ' * ' ~ n ~ ' + 99', 100) }}
{%- endmacro %}

{#- One end of the 95 % Wilson score interval of hits / trials; null without trials. Rounded to
    six digits, below which the two engines' floating point need not agree. -#}
{% macro wilson_bound(hits, trials, side) -%}
    {%- set z = 1.959963984540054 -%}
    {%- set sign = '-' if side == 'low' else '+' -%}
    {%- set x = 'cast(' ~ hits ~ ' as ' ~ type_double() ~ ')' -%}
    {%- set n = 'cast(' ~ trials ~ ' as ' ~ type_double() ~ ')' -%}
    case
        when {{ trials }} > 0
            then round(
                ({{ x }} + {{ z * z / 2 }} {{ sign }} {{ z }} * sqrt({{ x }} * ({{ n }} - {{ x }}) / {{ n }} + {{ z * z / 4 }}))
                / ({{ n }} + {{ z * z }}),
                6
            )
    end
{%- endmacro %}
