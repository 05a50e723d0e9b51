-- instant_of_micros is the way back from epoch_micros; days_between counts calendar days.
with

cases as (

    select
        cast('2020-02-28 23:59:59.000001+00:00' as {{ type_instant() }}) as instant,
        cast('2020-02-28' as date) as earlier,
        cast('2020-03-01' as date) as later

)

select *
from cases
where
    {{ instant_of_micros(epoch_micros('instant')) }} <> instant
    or {{ days_between('earlier', 'later') }} <> 2
    or {{ days_between('earlier', 'earlier') }} <> 0
