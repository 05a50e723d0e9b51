{{ config(**monthly('unit_month')) }}

{%- set groups = ['funnel_no', 'unit_month', 'unit_date', 'breakdown_value'] %}

with

{% for funnel in funnels() -%}
units_of_funnel_{{ loop.index }} as (
    {{ funnel_units(funnel, in_month=true) }}
),

{% endfor -%}
-- Units with the same seconds between their steps are one row: all that follows counts over these.
unit_groups as (
    {%- for funnel in funnels() %}
    select
        {{ loop.index }} as funnel_no,
        unit_month,
        unit_date,
        breakdown_value,
        step_1_at is not null as has_entered,
        excluded_by is not null as is_excluded,
        has_final_event,
        {{ seconds_between('step_1_at', 'step_2_at') }} as step_2_s,
        {{ seconds_between('step_2_at', 'step_3_at') }} as step_3_s,
        count(*) as n_units
    from units_of_funnel_{{ loop.index }}
    group by
        unit_month,
        unit_date,
        breakdown_value,
        step_1_at is not null,
        excluded_by is not null,
        has_final_event,
        {{ seconds_between('step_1_at', 'step_2_at') }},
        {{ seconds_between('step_2_at', 'step_3_at') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select
        {{ groups | join(', ') }},
        sum(case when has_entered then n_units else 0 end) as entered,
        sum(case when step_2_s is not null then n_units else 0 end) as reached_step_2,
        sum(case when step_3_s is not null then n_units else 0 end) as reached_step_3,
        sum(case when is_excluded then n_units else 0 end) as excluded,
        sum(case when has_final_event then n_units else 0 end) as coverage_den
    from unit_groups
    group by {{ groups | join(', ') }}

),

step_seconds as (

    select
        {{ groups | join(', ') }},
        2 as step_no,
        step_2_s as step_s,
        sum(n_units) as n_units
    from unit_groups
    where step_2_s is not null
    group by {{ groups | join(', ') }}, step_2_s

    union all

    select
        {{ groups | join(', ') }},
        3 as step_no,
        step_3_s as step_s,
        sum(n_units) as n_units
    from unit_groups
    where step_3_s is not null
    group by {{ groups | join(', ') }}, step_3_s

),

ranked_seconds as (

    select
        *,
        sum(n_units) over (
            partition by {{ groups | join(', ') }}, step_no
            order by step_s
            rows between unbounded preceding and current row
        ) as last_rank,
        sum(n_units) over (partition by {{ groups | join(', ') }}, step_no) as n_times
    from step_seconds

),

times as (

    select
        {{ groups | join(', ') }},
        step_no,
        min(case when last_rank >= {{ nearest_rank(50, 'n_times') }} then step_s end) as median_s,
        min(case when last_rank >= {{ nearest_rank(90, 'n_times') }} then step_s end) as p90_s
    from ranked_seconds
    group by {{ groups | join(', ') }}, step_no

),

-- The days that are loaded: a month's file is whole, so only the last loaded month can be cut short.
last_loaded_day as (

    select max(event_date) as event_date
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch_and_after('event_at', funnel_window_days()) }}

),

steps as (
    {%- for funnel in funnels() %}
    {%- set funnel_no = loop.index %}
    {%- set is_last_funnel = loop.last %}
    {%- for name in funnel.steps %}
    select
        '{{ funnel.id }}' as funnel_id,
        cast({{ funnel.version }} as {{ type_int64() }}) as funnel_version,
        '{{ funnel.unit_type }}' as unit_type,
        '{{ funnel.breakdown[0] }}' as breakdown_name,
        cast({{ funnel.window_days }} as {{ type_int64() }}) as window_days_expected,
        cast({{ loop.index }} as {{ type_int64() }}) as step_no,
        '{{ name }}' as step_name,
        {{ groups | join(', ') }},
        entered,
        {{ 'entered' if loop.first else 'reached_step_' ~ loop.index }} as reached,
        {{ 'reached_step_2' if loop.last else 'entered' }} as reached_previous,
        reached_step_3 as coverage_num,
        coverage_den,
        excluded
    from counted
    where funnel_no = {{ funnel_no }}
    {{ 'union all' if not (loop.last and is_last_funnel) }}
    {%- endfor %}
    {%- endfor %}

),

final as (

    select
        steps.funnel_id,
        steps.funnel_version,
        steps.unit_type,
        steps.unit_month,
        steps.unit_date,
        steps.breakdown_name,
        steps.breakdown_value,
        steps.step_no,
        steps.step_name,
        {%- for column, source in [
            ('entered', 'entered'),
            ('reached', 'reached'),
            ('overall_rate_num', 'reached'),
            ('overall_rate_den', 'entered'),
            ('step_rate_num', 'reached'),
            ('step_rate_den', 'reached_previous'),
        ] %}
        cast(steps.{{ source }} as {{ type_int64() }}) as {{ column }},
        {%- endfor %}
        times.median_s,
        times.p90_s,
        {{ wilson_bound('steps.reached', 'steps.entered', 'low') }} as wilson_low,
        {{ wilson_bound('steps.reached', 'steps.entered', 'high') }} as wilson_high,
        cast(steps.coverage_num as {{ type_int64() }}) as coverage_num,
        cast(steps.coverage_den as {{ type_int64() }}) as coverage_den,
        cast(steps.excluded as {{ type_int64() }}) as excluded,
        steps.window_days_expected,
        least(steps.window_days_expected, {{ days_between('steps.unit_date', 'last_loaded_day.event_date') }})
            as window_days_observed,
        {{ days_between('steps.unit_date', 'last_loaded_day.event_date') }} >= steps.window_days_expected
            as window_complete
    from steps
    cross join last_loaded_day
    left join times
        on
            steps.funnel_no = times.funnel_no
            and steps.unit_date = times.unit_date
            and steps.breakdown_value = times.breakdown_value
            and steps.step_no = times.step_no

)

select * from final
