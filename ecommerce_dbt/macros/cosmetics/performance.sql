{#- What the marts of brands, categories and products share: one definition of their figures, so that
    a brand's month, its days and its products never count differently. -#}

{#- CTEs from the month's `events` and order `lines` to `performance`, one row per combination of the
    keys with an event. `keys` gives each key's expression, which is the same on events and on lines.
    What adds up is counted by key alone; users in two steps, by key and user and then by key, since
    several count(distinct) take four times as long, and with nothing but three flags in the wide step. -#}
{% macro performance_ctes(keys) -%}
{%- set by = keys | join(', ') -%}
events as (

    select
        {% for key, expression in keys.items() -%}
        {{ expression if expression == key else expression ~ ' as ' ~ key }},
        {% endfor -%}
        user_id,
        event_type,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

lines as (

    select
        {% for key, expression in keys.items() -%}
        {{ expression if expression == key else expression ~ ' as ' ~ key }},
        {% endfor -%}
        order_proxy_key,
        price
    from {{ ref('fct_order_lines').render() }}
    where {{ in_batch('event_at') }}

),

member_events as (

    select
        {{ by }},
        count(*) as events,
        count(case when event_type = 'view' then 1 end) as view_events,
        count(case when event_type = 'cart' then 1 end) as cart_events,
        count(case when event_type = 'remove_from_cart' then 1 end) as remove_events,
        count(case when event_type = 'purchase' then 1 end) as purchase_events,
        count(case when event_type = 'view' and price > 0 then 1 end) as viewed_price_den,
        sum(case when event_type = 'view' and price > 0 then price else 0 end) as viewed_price_num
    from events
    group by {{ by }}

),

user_steps as (

    select
        {{ by }},
        user_id,
        max(case when event_type = 'view' then 1 else 0 end) as has_viewed,
        max(case when event_type = 'cart' then 1 else 0 end) as has_carted,
        max(case when event_type = 'purchase' then 1 else 0 end) as has_bought
    from events
    group by {{ by }}, user_id

),

member_users as (

    select
        {{ by }},
        count(*) as users,
        sum(has_viewed) as viewers,
        sum(has_carted) as carters,
        sum(has_bought) as buyers,
        sum(has_viewed * has_carted) as viewing_carters,
        sum(has_viewed * has_bought) as viewing_buyers,
        sum(has_carted * has_bought) as carting_buyers
    from user_steps
    group by {{ by }}

),

member_orders as (

    select
        {{ by }},
        order_proxy_key,
        count(case when price > 0 then 1 end) as units,
        sum(case when price > 0 then price else 0 end) as gross_sales,
        sum(case when price < 0 then price else 0 end) as adjustment_value
    from lines
    group by {{ by }}, order_proxy_key

),

member_sales as (

    select
        {{ by }},
        count(*) as orders_proxy,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(adjustment_value) as adjustment_value
    from member_orders
    group by {{ by }}

),

performance as (

    select
        {% for key in keys -%}
        member_events.{{ key }},
        {% endfor -%}
        member_events.events,
        member_events.view_events,
        member_events.cart_events,
        member_events.remove_events,
        member_events.purchase_events,
        member_users.users,
        {% for count in ['viewers', 'carters', 'buyers', 'viewing_carters', 'viewing_buyers', 'carting_buyers'] -%}
        cast(member_users.{{ count }} as {{ type_int64() }}) as {{ count }},
        {% endfor -%}
        coalesce(member_sales.orders_proxy, 0) as orders_proxy,
        cast(coalesce(member_sales.units, 0) as {{ type_int64() }}) as units,
        cast(coalesce(member_sales.gross_sales, 0) as {{ type_money() }}) as gross_sales,
        cast(coalesce(member_sales.adjustment_value, 0) as {{ type_money() }}) as adjustment_value,
        cast(member_events.viewed_price_num as {{ type_money() }}) as viewed_price_num,
        member_events.viewed_price_den
    from member_events
    inner join member_users
        on
            {% for key in keys -%}
            {{ 'and ' if not loop.first }}member_events.{{ key }} = member_users.{{ key }}
            {% endfor -%}
    left join member_sales
        on
            {% for key in keys -%}
            {{ 'and ' if not loop.first }}member_events.{{ key }} = member_sales.{{ key }}
            {% endfor %}
)
{%- endmacro %}


{#- The figures of `performance`, as every one of its marts shows them. `period` is the column within
    which shares and ranks are taken, none for the month of the batch; `is_unknown` says which row is
    the unknown member, which has no rank. -#}
{% macro performance_columns(period=none, is_unknown='false') -%}
performance.events,
        performance.view_events,
        performance.cart_events,
        performance.remove_events,
        performance.purchase_events,
        performance.users,
        performance.viewers,
        performance.carters,
        performance.buyers,
        performance.orders_proxy,
        performance.units,
        performance.gross_sales,
        performance.adjustment_value,
        performance.gross_sales as share_num,
        cast(
            sum(performance.gross_sales) over ({{ 'partition by performance.' ~ period if period }}) as {{ type_money() }}
        ) as share_den,
        performance.gross_sales as sold_price_num,
        performance.units as sold_price_den,
        performance.viewed_price_num,
        performance.viewed_price_den,
        performance.viewing_carters as view_to_cart_num,
        performance.viewers as view_to_cart_den,
        performance.carting_buyers as cart_to_purchase_num,
        performance.carters as cart_to_purchase_den,
        performance.viewing_buyers as view_to_purchase_num,
        performance.viewers as view_to_purchase_den,
        case
            when not {{ is_unknown }}
                then rank() over (
                    partition by {{ 'performance.' ~ period ~ ', ' if period }}{{ is_unknown }}
                    order by performance.gross_sales desc
                )
        end as sales_rank
{%- endmacro %}
