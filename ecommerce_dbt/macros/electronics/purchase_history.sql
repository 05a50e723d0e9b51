{#- What the dated and the undated purchases of the electronics store share: the repair of the rows whose
    columns are shifted. -#}

{#- Rule `column_shift`: where the category is missing the price stands in category_code and the user in
    brand. A row is repaired only if all of that fits; any other row without a price keeps none. -#}
{% macro is_column_shift() -%}
    price is null
    and category_id is null
    and user_id is null
    and coalesce({{ matches('category_code', '^[0-9]{1,7}([.][0-9]{1,2})?$') }}, false)
    and (
        brand is null
        or ({{ matches('brand', '^[0-9]{1,19}$') }} and {{ cast_or_null('brand', type_int64()) }} is not null)
    )
{%- endmacro %}


{#- The repaired columns, from a source with `is_shifted`. -#}
{% macro repaired_columns() -%}
        category_id,
        case when not is_shifted then category_code end as category_code,
        case when not is_shifted then brand end as brand,
        case
            when is_shifted then {{ cast_or_null('category_code', type_money()) }}
            else cast(price as {{ type_money() }})
        end as price,
        case
            when is_shifted then {{ cast_or_null('brand', type_int64()) }}
            else user_id
        end as user_id,
        case when is_shifted then 'column_shift' end as repair
{%- endmacro %}


{#- A column of a quarantined line, counted from 1 in the contract's order; null where it is empty. -#}
{% macro quarantined_field(number) -%}
    nullif({{ dbt.split_part('raw_line', "','", number) }}, '')
{%- endmacro %}


{#- The longest gap inside an order and the longest an order lasts uncut: a day, in microseconds. -#}
{% macro day_micros() %}{{ return(24 * 60 * 60 * 1000000) }}{% endmacro %}


{#- What the quality marts count of purchases, dated and undated. What was delivered empty follows from the
    repair: a shifted row came without category, price and user, its user in the brand. -#}
{% macro purchase_quality_columns() -%}
        count(*) as all_rows,
        count(distinct order_id) as source_orders,
        count(case when repair = 'column_shift' then 1 end) as column_shift_rows,
        count(case when price is null then 1 end) as unrepaired_rows,
        count(case when category_id is null then 1 end) as delivered_without_category_id,
        count(case when category_code is null and repair is null then 1 end) as delivered_without_category_code,
        count(
            case when (brand is null and repair is null) or (user_id is null and repair is not null) then 1 end
        ) as delivered_without_brand,
        count(case when price is null or repair is not null then 1 end) as delivered_without_price,
        count(case when user_id is null or repair is not null then 1 end) as delivered_without_user,
        count(case when user_id is null then 1 end) as unknown_user_num,
        count(*) as unknown_user_den,
        count(case when brand is null then 1 end) as unknown_brand_num,
        count(*) as unknown_brand_den,
        count(case when category_code is null then 1 end) as unknown_category_num,
        count(*) as unknown_category_den,
        count(case when price = 0 then 1 end) as zero_price_rows,
        count(case when price < 0 then 1 end) as negative_price_rows,
        count(case when is_exact_duplicate then 1 end) as exact_duplicate_rows,
        cast(coalesce(sum(case when is_exact_duplicate then price end), 0) as {{ type_money() }}) as exact_duplicate_value,
        cast(coalesce(sum(price), 0) as {{ type_money() }}) as all_rows_value,
        cast(coalesce(sum(case when repair is null then price end), 0) as {{ type_money() }}) as delivered_price_value,
        cast(coalesce(sum(case when repair is not null then price end), 0) as {{ type_money() }}) as repaired_price_value
{%- endmacro %}
