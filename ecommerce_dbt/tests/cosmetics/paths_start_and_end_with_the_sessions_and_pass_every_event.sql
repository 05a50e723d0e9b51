{{ config(meta={'dagster': {'ref': {'name': 'fct_path_edges'}}}) }}

-- Per day: edges out of start = edges into end = valid sessions; edges into a kind of event = edges out
-- of it = events of that kind in valid sessions; bounces and quality count the same sessions.
{%- set kinds = {'view': 'n_views', 'cart': 'n_carts', 'remove_from_cart': 'n_removes', 'purchase': 'n_purchases'} %}

with

sessions as (

    select
        session_date,
        {%- for kind, column in kinds.items() %}
        sum({{ column }}) as n_{{ kind }},
        {%- endfor %}
        count(*) as n_start
    from {{ ref('int_cosmetics__sessions') }}
    where
        {{ in_loaded_window('session_start_at') }}
        and is_valid
    group by session_date

),

edges as (

    select
        session_date,
        {%- for kind in kinds %}
        sum(case when to_state = '{{ kind }}' then n else 0 end) as n_into_{{ kind }},
        sum(case when from_state = '{{ kind }}' then n else 0 end) as n_out_of_{{ kind }},
        {%- endfor %}
        sum(case when from_state = 'start' then n else 0 end) as n_start,
        sum(case when to_state = 'end' then n else 0 end) as n_end
    from {{ ref('fct_path_edges') }}
    where {{ in_loaded_window('session_month') }}
    group by session_date

),

quality as (

    select
        session_date,
        valid_sessions
    from {{ ref('int_cosmetics__session_quality_days') }}
    where
        {{ in_loaded_window('session_month') }}
        and valid_sessions > 0

)

select
    sessions.session_date,
    sessions.n_start,
    edges.n_start as started,
    edges.n_end as ended
from sessions
full outer join edges
    on sessions.session_date = edges.session_date
full outer join quality
    on sessions.session_date = quality.session_date
where
    sessions.session_date is null
    or edges.session_date is null
    or quality.session_date is null
    or quality.valid_sessions <> sessions.n_start
    or edges.n_start <> sessions.n_start
    or edges.n_end <> sessions.n_start
    {%- for kind in kinds %}
    or edges.n_into_{{ kind }} <> sessions.n_{{ kind }}
    or edges.n_out_of_{{ kind }} <> sessions.n_{{ kind }}
    {%- endfor %}
