-- utc_date, utc_hour, utc_month and month_of_date at the edges of a day, a month and a year, with
-- the instant written in another zone.
with

cases as (

    select
        cast('2019-12-31 23:59:59.999999+00:00' as {{ type_instant() }}) as instant,
        cast('2019-12-31' as date) as expected_date,
        23 as expected_hour,
        cast('2019-12-01 00:00:00+00:00' as {{ type_instant() }}) as expected_month

    union all

    select
        cast('2019-12-31 23:00:00-01:00' as {{ type_instant() }}) as instant,
        cast('2020-01-01' as date) as expected_date,
        0 as expected_hour,
        cast('2020-01-01 00:00:00+00:00' as {{ type_instant() }}) as expected_month

)

select *
from cases
where
    {{ utc_date('instant') }} <> expected_date
    or {{ utc_hour('instant') }} <> expected_hour
    or {{ utc_month('instant') }} <> expected_month
    or {{ month_of_date('expected_date') }} <> expected_month
