{#- The funnels of the cosmetics shop, declared once: the marts of steps and of days are made from this
    list alone. A changed rule is a new version. Keys:

    id, version       the funnel's name; the tie rule is part of the version (macros/event_order.sql)
    unit_type         session, user (user and UTC day) or user_product (user, product and UTC day)
    mode              ordered, strict (each step directly after the one before) or any_order
    window_days       a step counts until so many days after step 1; sessions end by themselves
    exclusion         an event kind that, after the second step and before the last, takes the unit
                      out of all steps
    breakdown         what the units are also split by, and its value as an expression
    steps             names of the three steps; the last one's event also makes the coverage -#}
{% macro funnels() %}
    {%- set events = ['view', 'cart', 'purchase'] -%}
    {%- set of_session = {
        'version': 1, 'unit_type': 'session', 'mode': 'ordered', 'window_days': 1, 'exclusion': none,
        'breakdown': ['all', "'all'"], 'steps': events,
    } -%}
    {%- set of_user = dict(of_session, unit_type='user', window_days=funnel_window_days()) -%}
    {%- set of_product = dict(of_user, unit_type='user_product') -%}
    {%- set hour = ['start_hour_utc', dbt.right("'0' || " ~ as_text(utc_hour('session_start_at')), 2)] -%}
    {{ return([
        dict(of_session, id='session_view_cart_purchase'),
        dict(of_session, id='session_view_cart_purchase_by_hour', breakdown=hour),
        dict(of_session, id='session_view_cart_purchase_strict', mode='strict'),
        dict(
            of_session, id='session_view_cart_purchase_any_order', mode='any_order',
            steps=['one_kind', 'two_kinds', 'all_kinds'],
        ),
        dict(of_user, id='user_view_cart_purchase'),
        dict(of_product, id='user_product_view_cart_purchase'),
        dict(of_product, id='user_product_view_cart_purchase_not_removed', exclusion='remove_from_cart'),
    ]) }}
{% endmacro %}


{#- How many days after a unit's first step its steps count, and how far after a cart event the shop
    waits for the purchase before the cart is abandoned. A batch reads so far over its month's end; at
    most 28, the shortest month's length, because only a month's neighbours are built with it. -#}
{% macro funnel_window_days() %}{{ return(7) }}{% endmacro %}


{#- The units of a funnel, whatever they are: unit_month, unit_date, unit_key, step_1_at to step_3_at
    (null where not reached, all null for an excluded unit), excluded_by, breakdown_value and
    has_final_event. `in_month` keeps to the month being built. -#}
{% macro funnel_units(funnel, in_month) -%}
    {%- if funnel.unit_type == 'session' -%}
        {{ session_funnel_units(funnel, in_month) }}
    {%- else -%}
        {{ user_funnel_units(funnel, in_month) }}
    {%- endif -%}
{%- endmacro %}


{#- Ordered compares the first events of each kind; strict takes the earliest view directly followed
    by a cart and a purchase, else by a cart, else the first view; any order sorts the three instants. -#}
{% macro session_funnel_units(funnel, in_month) -%}
    {%- set sessions, paths = ref('int_cosmetics__sessions'), ref('int_cosmetics__session_paths') -%}
    {%- set never = "cast('9999-12-31 00:00:00+00:00' as " ~ type_instant() ~ ")" -%}
    {%- set view = 'coalesce(sessions.first_view_at, ' ~ never ~ ')' -%}
    {%- set cart = 'coalesce(sessions.first_cart_at, ' ~ never ~ ')' -%}
    {%- set purchase = 'coalesce(sessions.first_purchase_at, ' ~ never ~ ')' %}
    select
        sessions.session_month as unit_month,
        sessions.session_date as unit_date,
        sessions.session_key as unit_key,
        {%- if funnel.mode == 'ordered' %}
        sessions.first_view_at as step_1_at,
        case when sessions.first_cart_at >= sessions.first_view_at then sessions.first_cart_at end as step_2_at,
        case
            when
                sessions.first_cart_at >= sessions.first_view_at
                and sessions.first_purchase_at >= sessions.first_cart_at
                then sessions.first_purchase_at
        end as step_3_at,
        {%- elif funnel.mode == 'strict' %}
        coalesce(paths.strict_view_at, sessions.first_view_at) as step_1_at,
        paths.strict_cart_at as step_2_at,
        paths.strict_purchase_at as step_3_at,
        {%- else %}
        nullif(least({{ view }}, {{ cart }}, {{ purchase }}), {{ never }}) as step_1_at,
        nullif(
            greatest(
                least({{ view }}, {{ cart }}),
                least(greatest({{ view }}, {{ cart }}), {{ purchase }})
            ),
            {{ never }}
        ) as step_2_at,
        nullif(greatest({{ view }}, {{ cart }}, {{ purchase }}), {{ never }}) as step_3_at,
        {%- endif %}
        cast(null as {{ dbt.type_string() }}) as excluded_by,
        {{ funnel.breakdown[1] }} as breakdown_value,
        sessions.first_purchase_at is not null as has_final_event
    from {{ sessions.render() if in_month else sessions }} as sessions
    {%- if funnel.mode == 'strict' %}
    left join {{ paths.render() if in_month else paths }} as paths
        on
            sessions.session_key = paths.session_key
            and sessions.session_start_at = paths.session_start_at
            {%- if in_month %}
            and {{ in_batch('paths.session_start_at') }}
            {%- endif %}
    {%- endif %}
    where
        sessions.is_valid
        {%- if in_month %}
        and {{ in_batch('sessions.session_start_at') }}
        {%- endif %}
{%- endmacro %}


{#- The instants stand in the units' own table; an exclusion takes them all away. -#}
{% macro user_funnel_units(funnel, in_month) -%}
    {%- set units = ref('int_cosmetics__' ~ funnel.unit_type ~ '_funnel_units') -%}
    {%- set steps = {'step_1_at': 'entered_at', 'step_2_at': 'cart_at', 'step_3_at': 'purchase_at'} %}
    select
        unit_month,
        unit_date,
        {{ user_unit_key(funnel) }} as unit_key,
        {%- for step, column in steps.items() %}
        {%- if funnel.exclusion %}
        case when removed_at is null then {{ column }} end as {{ step }},
        {%- else %}
        {{ column }} as {{ step }},
        {%- endif %}
        {%- endfor %}
        {%- if funnel.exclusion %}
        case when removed_at is not null then '{{ funnel.exclusion }}' end as excluded_by,
        {%- else %}
        cast(null as {{ dbt.type_string() }}) as excluded_by,
        {%- endif %}
        {{ funnel.breakdown[1] }} as breakdown_value,
        has_purchase as has_final_event
    from {{ units.render() if in_month else units }}
    {%- if in_month %}
    where {{ in_batch('unit_month') }}
    {%- endif %}
{%- endmacro %}


{#- A user's unit as one text: its ids and its day. -#}
{% macro user_unit_key(funnel) -%}
    {%- set ids = ['user_id', 'product_id'] if funnel.unit_type == 'user_product' else ['user_id'] -%}
    {%- for column in ids %}{{ as_text(column) }} || ':' || {% endfor -%}
    {{ as_text('unit_date') }}
{%- endmacro %}
