{{ config(tags=['unpartitioned']) }}

{#- Nine of ten gaps between two purchase days of a user are at most this long: the longest that is
    still typical. #}
{%- set typical_percent = 90 %}

with

observed_dates as (

    select distinct event_date
    from {{ ref('int_cosmetics__user_days') }}

),

purchase_days as (

    select
        user_id,
        event_date
    from {{ ref('int_cosmetics__user_days') }}
    where n_purchases > 0

),

span as (

    select
        min(event_date) as observed_from,
        max(event_date) as observed_to,
        count(*) as observed_days
    from observed_dates

),

followed_days as (

    select
        event_date,
        lag(event_date) over (partition by user_id order by event_date) as previous_date
    from purchase_days

),

gaps as (

    select {{ days_between('previous_date', 'event_date') }} as gap_days
    from followed_days
    where previous_date is not null

),

ranked_gaps as (

    select
        gap_days,
        row_number() over (order by gap_days) as gap_rank,
        count(*) over () as n_gaps
    from gaps

),

typical as (

    select
        coalesce(max(n_gaps), 0) as purchase_gaps,
        max(case when gap_rank = {{ nearest_rank(typical_percent, 'n_gaps') }} then gap_days end) as typical_gap_days
    from ranked_gaps

),

-- Without a single gap nothing says that a gap is shorter than the whole span.
final as (

    select
        span.observed_from,
        span.observed_to,
        span.observed_days,
        typical.purchase_gaps,
        typical.typical_gap_days,
        coalesce(
            {{ plus_days('span.observed_from', 'typical.typical_gap_days') }},
            {{ plus_days('span.observed_to', 1) }}
        ) as truncated_until
    from span
    cross join typical
    where span.observed_days > 0

)

select * from final
