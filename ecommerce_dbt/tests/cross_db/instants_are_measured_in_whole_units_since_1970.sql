-- epoch_micros and seconds_between.
with

cases as (

    select
        cast('1970-01-01 00:00:01.000002+00:00' as {{ type_instant() }}) as earlier,
        cast('1970-01-02 00:00:01.000001+00:00' as {{ type_instant() }}) as later

)

select *
from cases
where
    {{ epoch_micros('earlier') }} <> 1000002
    or {{ seconds_between('earlier', 'later') }} <> 86399
    or {{ seconds_between('earlier', 'earlier') }} <> 0
