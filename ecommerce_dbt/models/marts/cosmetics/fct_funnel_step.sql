{{ config(materialized='view', tags=['unpartitioned']) }}

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
    from steps

)

select * from final
