-- Per day, the sessions that entered the funnel are the valid ones with a view, and its coverage is
-- over the valid ones with a purchase.
with

sessions as (

    select
        session_date,
        count(case when reached_view then 1 end) as n_entered,
        count(case when reached_purchase then 1 end) as n_purchasing
    from {{ ref('int_cosmetics__sessions') }}
    where
        {{ in_loaded_window('session_start_at') }}
        and is_valid
    group by session_date

),

funnel as (

    select
        session_date,
        step_no,
        entered,
        coverage_den
    from {{ ref('agg_session_funnel_daily') }}
    where {{ in_loaded_window('session_month') }}

),

steps as (

    select
        session_date,
        count(*) as n_steps,
        min(entered) as entered,
        max(entered) as max_entered,
        min(coverage_den) as coverage_den
    from funnel
    group by session_date

)

select
    sessions.session_date,
    steps.n_steps
from sessions
full outer join steps
    on sessions.session_date = steps.session_date
where
    sessions.session_date is null
    or steps.session_date is null
    or steps.n_steps <> 3
    or steps.entered <> sessions.n_entered
    or steps.max_entered <> sessions.n_entered
    or steps.coverage_den <> sessions.n_purchasing
