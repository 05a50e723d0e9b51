-- iso_week_start, month_start, plus_days, plus_months, months_between and each_whole_number: over a
-- year's end, a leap day, and from Sunday to Monday.
with

cases as (

    select
        cast('2020-03-01' as date) as sunday,
        cast('2020-03-02' as date) as monday,
        cast('2020-01-01' as date) as new_year,
        cast('2019-12-31' as date) as last_day,
        2 as two,
        -1 as minus_one

),

counted as (

    select n
    from cases
    cross join {{ each_whole_number('two', 'n') }}

    union all

    select n
    from cases
    cross join {{ each_whole_number('minus_one', 'n') }}

),

totals as (

    select
        count(*) as n_numbers,
        min(n) as first_number,
        sum(n) as sum_of_numbers
    from counted

)

select
    cases.*,
    totals.n_numbers
from cases
cross join totals
where
    {{ iso_week_start('cases.sunday') }} <> cast('2020-02-24' as date)
    or {{ iso_week_start('cases.monday') }} <> cases.monday
    or {{ iso_week_start('cases.new_year') }} <> cast('2019-12-30' as date)
    or {{ month_start('cases.last_day') }} <> cast('2019-12-01' as date)
    or {{ month_start('cases.new_year') }} <> cases.new_year
    or {{ plus_days('cases.last_day', '(cases.two * 31)') }} <> cases.monday
    or {{ plus_days('cases.sunday', 'cases.minus_one') }} <> cast('2020-02-29' as date)
    or {{ plus_months('cases.new_year', 'cases.two') }} <> cases.sunday
    or {{ months_between('cases.last_day', 'cases.sunday') }} <> 3
    or {{ months_between('cases.new_year', 'cases.new_year') }} <> 0
    or totals.n_numbers <> 3
    or totals.first_number <> 0
    or totals.sum_of_numbers <> 3
