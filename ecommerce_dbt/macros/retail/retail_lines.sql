{#- What the models of the retail shop share: how a delivered line is cleaned and named, and the measures
    that every mart of its sales shows. -#}

{#- The shop's reporting time zone. -#}
{% macro retail_tz() %}{{ return('Europe/London') }}{% endmacro %}


{#- The source whose lines are the shop's; the others are only compared with it. -#}
{% macro retail_primary_source() -%}
    {%- set chosen = env_var('ECOMMERCE_RETAIL_PRIMARY', 'archive') -%}
    {%- if chosen not in ['archive', 'url', 'postgres'] -%}
        {{ exceptions.raise_compiler_error(
            "ECOMMERCE_RETAIL_PRIMARY is '" ~ chosen ~ "'; set it to archive, url or postgres."
        ) }}
    {%- endif -%}
    {{ return(chosen) }}
{%- endmacro %}


{#- The sources whose newest attempt at a month failed, with the day of the rows that are there in their
    place; null where all went well. What ran dbt knows it and says so. -#}
{% macro retail_sources_behind(month) -%}
    {%- set behind = fromjson(env_var('ECOMMERCE_SOURCES_BEHIND', '{}')) -%}
    {%- if behind -%}
        case {{ month }}
        {%- for first in behind | sort %} when cast('{{ first }}' as date) then '{{ behind[first] }}'
        {%- endfor %} end
    {%- else -%}
        cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}


{#- A delivered customer as a number: '17850' and '17850.0' are one; '', '0' and words are nobody. -#}
{% macro retail_customer(text) -%}
    case
        when {{ matches(text, '^[0-9]{1,18}([.]0+)?$') }}
            then nullif({{ cast_or_null(dbt.split_part(text, "'.'", 1), type_int64()) }}, 0)
    end
{%- endmacro %}


{#- What a stock code, in upper case, stands for: goods, or a service by its kind. Three services have
    codes like goods: next day carriage, a packing charge and a gift voucher. -#}
{% macro retail_item_kind(code) -%}
    case
        when {{ code }} in ('POST', 'DOT') then 'postage'
        when {{ code }} in ('C2', '23444') then 'carriage'
        when {{ code }} = '23574' then 'packing_charge'
        when {{ code }} = 'M' then 'manual'
        when {{ code }} = 'D' then 'discount'
        when {{ code }} = 'S' then 'sample'
        when {{ code }} = 'BANK CHARGES' then 'bank_charge'
        when {{ code }} = 'AMAZONFEE' then 'marketplace_fee'
        when {{ code }} = 'CRUK' then 'charity_commission'
        when {{ code }} = 'PADS' then 'pads'
        when {{ code }} = 'B' then 'bad_debt'
        when {{ matches(code, '^DCGS') }} then 'marketplace_gift'
        when {{ matches(code, '^(GIFT_0001_|22016$)') }} then 'gift_voucher'
        else 'item'
    end
{%- endmacro %}


{#- What a line is: the first letter of its invoice says cancellation or bad debt; units that leave without
    a cancellation, and lines at price 0 for nobody, are notes of the stock. -#}
{% macro retail_line_kind(customer) -%}
    case
        when upper(substr(invoice_no, 1, 1)) = 'C' then 'cancellation'
        when upper(substr(invoice_no, 1, 1)) = 'A' then 'bad_debt'
        when quantity < 0 or (unit_price = 0 and {{ customer }} is null) then 'stock_adjustment'
        else 'sale'
    end
{%- endmacro %}


{#- Measures of a line that are money, and those that are units; every mart of sales shows their sums. -#}
{% macro retail_money_measures() %}{{ return([
    'gross_sales', 'service_sales', 'discounts', 'returns_on_return_date', 'returns_on_order_date',
    'service_returns', 'other_value', 'all_rows_value',
]) }}{% endmacro %}
{% macro retail_unit_measures() %}{{ return(['units_sold', 'units_returned']) }}{% endmacro %}


{#- The CTE `sums`: orders, buyers and all measures by the given columns of int_retail__measured_lines. -#}
{% macro retail_sums_cte(keys) -%}
sums as (

    select
        {% for key in keys -%}
        {{ key }},
        {% endfor -%}
        count(distinct case when is_order_line then invoice_no end) as orders,
        count(distinct case when is_order_line then customer_id end) as customers_known,
        {% for name in retail_unit_measures() -%}
        cast(sum({{ name }}) as {{ type_int64() }}) as {{ name }},
        {% endfor -%}
        {% for name in retail_money_measures() -%}
        cast(sum({{ name }}) as {{ type_money() }}) as {{ name }},
        {% endfor -%}
        cast(
            sum(gross_sales - discounts - returns_on_return_date) as {{ type_money() }}
        ) as net_sales_on_return_date,
        cast(
            sum(gross_sales - discounts - returns_on_order_date) as {{ type_money() }}
        ) as net_sales_on_order_date
    from {{ ref('int_retail__measured_lines') }}
    group by {{ keys | join(', ') }}

)
{%- endmacro %}


{#- The columns of `sums`, as every mart of sales shows them. -#}
{% macro retail_sum_columns() -%}
    {%- for name in ['orders', 'customers_known'] + retail_unit_measures() + retail_money_measures()
            + ['net_sales_on_return_date', 'net_sales_on_order_date'] -%}
        sums.{{ name }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- The CTE `order_values`: numerators and denominators of the average order values, by a column of
    fct_retail_invoices. Both sides of an average are over the same orders. -#}
{% macro retail_order_values_cte(key) -%}
order_values as (

    select
        {{ key }}{{ '' if modules.re.fullmatch('\\w+', key) else ' as order_period' }},
        sum(case when gross_sales > 0 then gross_sales else 0 end) as aov_gross_num,
        count(case when gross_sales > 0 then 1 end) as aov_gross_den,
        sum(case when net_sales > 0 then net_sales else 0 end) as aov_net_num,
        count(case when net_sales > 0 then 1 end) as aov_net_den
    from {{ ref('fct_retail_invoices') }}
    group by {{ key }}

)
{%- endmacro %}


{#- The columns of `order_values`; 0 where there is no order. -#}
{% macro retail_order_value_columns() -%}
        cast(coalesce(order_values.aov_gross_num, 0) as {{ type_money() }}) as aov_gross_num,
        coalesce(order_values.aov_gross_den, 0) as aov_gross_den,
        cast(coalesce(order_values.aov_net_num, 0) as {{ type_money() }}) as aov_net_num,
        coalesce(order_values.aov_net_den, 0) as aov_net_den
{%- endmacro %}
