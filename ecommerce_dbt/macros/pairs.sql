{#- Fewer baskets than this say nothing about a pair, however few baskets there are in all. -#}
{% macro least_baskets_of_a_pair() %}{{ return(3) }}{% endmacro %}


{#- A ratio of two whole numbers, rounded so that the two engines' floating point agrees; null where
    the denominator is 0. -#}
{% macro rounded_ratio(numerator, denominator, digits=6) -%}
    round(cast({{ numerator }} as {{ type_double() }}) / nullif(cast({{ denominator }} as {{ type_double() }}), 0), {{ digits }})
{%- endmacro %}
