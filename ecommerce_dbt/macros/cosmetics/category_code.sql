{#- One level of a category code such as `appliances.environment.vacuum`, counted from 1; null where
    the code is missing or not so deep. -#}
{% macro code_level(code, level) -%}
    nullif({{ dbt.split_part(code, "'.'", level) }}, '')
{%- endmacro %}


{#- The CTE `codes`: each category's code in the month, of categories that have one. -#}
{% macro category_codes_cte() -%}
codes as (

    select
        category_id,
        min(category_code) as category_code
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and category_code is not null
    group by category_id

)
{%- endmacro %}


{#- The code and its levels, from a join with `codes`, as every mart of categories shows them. -#}
{% macro category_code_columns() -%}
coalesce(codes.category_code, {{ unknown_member() }}) as category_code,
        coalesce({{ code_level('codes.category_code', 1) }}, {{ unknown_member() }}) as category_level_1,
        {{ code_level('codes.category_code', 2) }} as category_level_2,
        {{ code_level('codes.category_code', 3) }} as category_level_3,
        codes.category_code is not null as is_code_known
{%- endmacro %}
