-- local_date and local_hour: London in winter, the hour before summer time, and in summer over midnight.
with

cases as (

    select
        cast('2010-12-01 08:26:00+00:00' as {{ type_instant() }}) as winter,
        cast('2011-03-27 00:59:59+00:00' as {{ type_instant() }}) as before_change,
        cast('2011-06-30 23:30:00+00:00' as {{ type_instant() }}) as summer_night

)

select *
from cases
where
    {{ local_date('winter', 'Europe/London') }} <> cast('2010-12-01' as date)
    or {{ local_hour('winter', 'Europe/London') }} <> 8
    or {{ local_date('before_change', 'Europe/London') }} <> cast('2011-03-27' as date)
    or {{ local_hour('before_change', 'Europe/London') }} <> 0
    or {{ local_date('summer_night', 'Europe/London') }} <> cast('2011-07-01' as date)
    or {{ local_hour('summer_night', 'Europe/London') }} <> 0
