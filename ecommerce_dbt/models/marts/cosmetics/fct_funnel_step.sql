{{ config(materialized='view', tags=['unpartitioned']) }}

{%- set user_funnels = funnels() | selectattr('unit_type', 'ne', 'session') | list %}

with

steps as (
    {%- for funnel in funnels() %}
    {%- set is_last_funnel = loop.last %}
    {%- for name in funnel.steps %}
    select
        '{{ funnel.id }}' as funnel_id,
        {{ funnel.version }} as funnel_version,
        '{{ funnel.unit_type }}' as unit_type,
        unit_month,
        unit_date,
        unit_key,
        {{ loop.index }} as step_no,
        '{{ name }}' as step_name,
        step_{{ loop.index }}_at as entered_at,
        {%- if loop.first %}
        cast(null as {{ type_instant() }}) as prev_entered_at,
        {%- else %}
        step_{{ loop.index0 }}_at as prev_entered_at,
        {%- endif %}
        step_1_at as first_entered_at,
        excluded_by,
        has_final_event,
        '{{ funnel.breakdown[0] }}' as breakdown_name,
        breakdown_value
    from (
        {{ funnel_units(funnel, in_month=false) | indent(8) }}
    ) as units
    where
        step_{{ loop.index }}_at is not null
        {%- if loop.last %}
        or has_final_event
        or excluded_by is not null
        {%- endif %}
    {{ 'union all' if not (loop.last and is_last_funnel) }}
    {%- endfor %}
    {%- endfor %}

),

-- Units of users that did nothing but view are not stored: they are the other units of the events. The
-- raw table refuses a scan without a lower bound; a call's window must not get into a view.
{% for funnel in user_funnels -%}
views_of_{{ funnel.id }} as (

    select
        events.event_date as unit_date,
        {%- for column in user_unit_columns(funnel) %}
        events.{{ column }},
        {%- endfor %}
        min(events.event_at) as entered_at
    from {{ ref('stg_cosmetics__events') }} as events
    left join {{ ref('int_cosmetics__' ~ funnel.unit_type ~ '_funnel_units') }} as units
        on
            events.event_date = units.unit_date
            {%- for column in user_unit_columns(funnel) %}
            and events.{{ column }} = units.{{ column }}
            {%- endfor %}
    where
        events.event_at >= '2019-10-01'
        and events.event_type = 'view'
        and units.user_id is null
    group by
        {%- for column in user_unit_columns(funnel) %}
        events.{{ column }},
        {%- endfor %}
        events.event_date

),

{% endfor -%}
all_steps as (

    select * from steps
    {%- for funnel in user_funnels %}

    union all

    select
        '{{ funnel.id }}' as funnel_id,
        {{ funnel.version }} as funnel_version,
        '{{ funnel.unit_type }}' as unit_type,
        {{ month_of_date('unit_date') }} as unit_month,
        unit_date,
        {{ user_unit_key(funnel) }} as unit_key,
        1 as step_no,
        '{{ funnel.steps[0] }}' as step_name,
        entered_at,
        cast(null as {{ type_instant() }}) as prev_entered_at,
        entered_at as first_entered_at,
        cast(null as {{ dbt.type_string() }}) as excluded_by,
        false as has_final_event,
        '{{ funnel.breakdown[0] }}' as breakdown_name,
        {{ funnel.breakdown[1] }} as breakdown_value
    from views_of_{{ funnel.id }}
    {%- endfor %}

),

final as (

    select
        funnel_id,
        cast(funnel_version as {{ type_int64() }}) as funnel_version,
        unit_type,
        unit_month,
        unit_date,
        unit_key,
        cast(step_no as {{ type_int64() }}) as step_no,
        step_name,
        entered_at,
        case when entered_at is not null then prev_entered_at end as prev_entered_at,
        {{ seconds_between('prev_entered_at', 'entered_at') }} as seconds_from_prev,
        {{ seconds_between('first_entered_at', 'entered_at') }} as seconds_from_first,
        excluded_by,
        has_final_event,
        breakdown_name,
        breakdown_value
    from all_steps

)

select * from final
