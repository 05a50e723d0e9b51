{{ config(tags=['unpartitioned']) }}

with

span as (

    select
        observed_from,
        last_complete_date,
        {{ days_between('observed_from', 'last_complete_date') }} as last_n
    from {{ ref('int_electronics__observed_span') }}
    where last_complete_date is not null

),

days as (

    select
        {{ plus_days('span.observed_from', 'n') }} as as_of_date,
        span.last_complete_date
    from span
    cross join {{ each_whole_number('span.last_n', 'n') }}

),

judged as (

    select
        as_of_date,
        {{ days_between(iso_week_start('as_of_date'), 'as_of_date') }} = 6 as is_week_end,
        as_of_date = last_complete_date as is_latest
    from days

),

final as (

    select *
    from judged
    where is_week_end or is_latest

)

select * from final
