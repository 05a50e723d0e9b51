{#- What product affinity counts, and its measures. -#}

{#- Baskets that count for affinity: order proxies of two or more distinct products. Pairs grow with
    the square of a basket, and one of more than a hundred products is a reseller's: it is left out of
    every count here, and counted in agg_baskets_monthly. -#}
{% macro is_affinity_basket(n_products) -%}
    {{ n_products }} between 2 and 100
{%- endmacro %}


{#- Whether a pair is frequent: in at least one basket of 10,000. A pair that is frequent over several
    months is so in at least one of them, which makes the count over all months exact while only the
    months' frequent pairs are looked at. -#}
{% macro is_frequent_pair(n_both, n_baskets) -%}
    {{ n_both }} * 10000 >= {{ n_baskets }}
{%- endmacro %}


{#- The CTEs `baskets` (order_proxy_key, basket_no) and `basket_products` (basket_no, product_id): what
    was bought together in the month. Baskets are joined by number, which takes half the memory of
    their keys. -#}
{% macro basket_products_ctes() -%}
baskets as (

    select
        order_proxy_key,
        row_number() over (order by order_proxy_key) as basket_no
    from {{ ref('fct_orders').render() }}
    where
        {{ in_batch('ordered_at') }}
        and {{ is_affinity_basket('n_products') }}

),

-- Lines after the month's end belong to orders of its last day.
lines as (

    select
        order_proxy_key,
        product_id
    from {{ ref('fct_order_lines').render() }}
    where {{ in_batch('event_at', reach_days=session_reach_days()) }}

),

basket_products as (

    select distinct
        baskets.basket_no,
        lines.product_id
    from lines
    inner join baskets
        on lines.order_proxy_key = baskets.order_proxy_key

)
{%- endmacro %}
