{#- A day before the first month of any domain. A domain's months stand in its settings alone and come
    with each call as its window; the settings refuse months before 1970, because instants are counted
    from there. The bound is only there for BigQuery, whose raw tables refuse a scan without one. -#}
{% macro before_all_months() %}{{ return('1900-01-01') }}{% endmacro %}


{#- The configuration of a monthly model: one batch per calendar month (UTC), replaced as a whole.
    `event_time` is the model's own TIMESTAMP column, so BigQuery prunes its partitions by it. dbt asks
    for `begin`, but uses it only in calls without a window, which `batch_window` refuses. -#}
{% macro monthly(event_time, cluster_by=none) %}
    {%- set settings = {
        'materialized': 'incremental',
        'incremental_strategy': 'microbatch',
        'event_time': event_time,
        'batch_size': 'month',
        'begin': before_all_months(),
        'lookback': 0,
        'on_schema_change': 'fail',
        'concurrent_batches': target.type == 'bigquery',
        'tags': ['monthly'],
    } -%}
    {%- if target.type == 'bigquery' -%}
        {%- do settings.update({
            'partition_by': {'field': event_time, 'data_type': 'timestamp', 'granularity': 'month'},
            'cluster_by': cluster_by,
        }) -%}
    {%- endif -%}
    {{ return(settings) }}
{% endmacro %}


{#- The configuration of a staging model. On DuckDB a view over the lake, whose readers get only the
    columns and the months that they ask for. On BigQuery a table, built month by month: a view that
    ranks duplicates over all columns would be charged for all of them with every reader, and that a
    filter passes through its window is nowhere promised. -#}
{% macro staged(event_time, cluster_by) %}
    {%- if target.type == 'bigquery' -%}
        {{ return(monthly(event_time, cluster_by)) }}
    {%- endif -%}
    {{ return({'materialized': 'view', 'event_time': event_time, 'tags': ['monthly']}) }}
{% endmacro %}


{#- The predicate that keeps every month, whatever the domain's first one is. -#}
{% macro in_any_month(column) -%}
    {{ column }} >= '{{ before_all_months() }}'
{%- endmacro %}


{#- The predicate on the raw table in a staging model: the month being built, where there is one;
    else all months. -#}
{% macro in_raw_months(column) -%}
    {%- set is_month = (model is mapping and model.get('batch')) or env_var('ECOMMERCE_WINDOW_FROM', '') -%}
    {%- if target.type == 'bigquery' and is_month -%}
        {{ in_batch(column) }}
    {%- else -%}
        {{ in_any_month(column) }}
    {%- endif -%}
{%- endmacro %}


{#- How far over its month's ends a batch of sessions reads. Two days are enough: a run of events
    with gaps of at most 24 h that leaves this window is seen as longer than 24 h from both months
    (the proof is in DECISIONLOG.md). -#}
{% macro session_reach_days() %}{{ return(2) }}{% endmacro %}


{#- The half-open window [start, end) of the month being built, as Python datetimes. Where no batch
    runs (unit tests, compile, lint) it is ECOMMERCE_WINDOW_FROM to _TO, or the month in which the
    domain's unit tests lie, so that the SQL is always complete. -#}
{% macro batch_window() %}
    {%- set batch = model.get('batch') if model is mapping else none -%}
    {%- if batch -%}
        {%- if not invocation_args_dict.get('event_time_start') -%}
            {{ exceptions.raise_compiler_error(
                "Monthly models are built for the months of a window, and this call has none. "
                ~ "Pass --event-time-start and --event-time-end, for instance 2019-10-01 and 2019-12-01."
            ) }}
        {%- endif -%}
        {{ return([batch['event_time_start'], batch['event_time_end']]) }}
    {%- endif -%}
    {%- set month = month_of_unit_tests() -%}
    {%- set start = env_var('ECOMMERCE_WINDOW_FROM', month[0]) -%}
    {%- set end = env_var('ECOMMERCE_WINDOW_TO', month[1]) -%}
    {{ return([
        modules.datetime.datetime.fromisoformat(start).replace(tzinfo=modules.pytz.utc),
        modules.datetime.datetime.fromisoformat(end).replace(tzinfo=modules.pytz.utc),
    ]) }}
{% endmacro %}


{#- First day and end of the month in which the rows of the unit tests of the model's domain lie. A
    domain whose monthly models have unit tests says it in macros/<domain>/, by a macro
    `<domain>__month_of_unit_tests`. -#}
{% macro month_of_unit_tests() %}
    {%- set place = place_of(model) if model is mapping and 'original_file_path' in model else [] -%}
    {%- for folder in place[:-1] if folder ~ '__month_of_unit_tests' in context -%}
        {{ return(context[folder ~ '__month_of_unit_tests']()) }}
    {%- endfor -%}
    {%- if place | length > 3 and model.resource_type == 'unit_test' -%}
        {{ exceptions.raise_compiler_error(
            "In which month do the unit tests of " ~ place[2] ~ " lie? Say it in macros/"
            ~ place[2] ~ "/, as macro " ~ place[2] ~ "__month_of_unit_tests."
        ) }}
    {%- endif -%}
    {{ return([before_all_months(), before_all_months()]) }}
{% endmacro %}


{#- The predicate that keeps a batch to its month, widened by `reach_days` on both sides. Used with
    `ref(...).render()`: the bare column beside literals prunes on both engines, where dbt's own
    filter wraps it in a cast on BigQuery. -#}
{% macro in_batch(column, reach_days=0) -%}
    {%- set window = batch_window() -%}
    {%- set reach = modules.datetime.timedelta(days=reach_days) -%}
    {{ column }} >= '{{ window[0] - reach }}' and {{ column }} < '{{ window[1] + reach }}'
{%- endmacro %}


{#- The predicate for what starts in the month being built and goes on for some days after its end. -#}
{% macro in_batch_and_after(column, days) -%}
    {%- set window = batch_window() -%}
    {%- set end = window[1] + modules.datetime.timedelta(days=days) -%}
    {{ column }} >= '{{ window[0] }}' and {{ column }} < '{{ end }}'
{%- endmacro %}


{#- The first instant after the month being built, as a literal. -#}
{% macro batch_end() -%}
    '{{ batch_window()[1] }}'
{%- endmacro %}


{#- The predicate that keeps an identity between neighbouring months to those whose neighbours this
    dbt call builds, too: ECOMMERCE_CHECKED_FROM and _TO, half-open. Without them every month. The
    widened window will not do: its outermost months may lie beside one that is not built. -#}
{% macro in_checked_months(column) -%}
    {%- set start = env_var('ECOMMERCE_CHECKED_FROM', '') -%}
    {%- set end = env_var('ECOMMERCE_CHECKED_TO', '') -%}
    {%- if start and end -%}
        {{ column }} >= '{{ start }}' and {{ column }} < '{{ end }}'
    {%- else -%}
        {{ column }} is not null
    {%- endif -%}
{%- endmacro %}


{#- The predicate that keeps a test to the months that this dbt call loads; a call without a window
    tests every month. The lower bound is always there, because the raw table refuses a scan
    without one. -#}
{% macro in_loaded_window(column) -%}
    {%- set start = invocation_args_dict.get('event_time_start') or before_all_months() -%}
    {%- set end = invocation_args_dict.get('event_time_end') -%}
    {{ column }} >= '{{ start }}'
    {%- if end %} and {{ column }} < '{{ end }}'{% endif %}
{%- endmacro %}
