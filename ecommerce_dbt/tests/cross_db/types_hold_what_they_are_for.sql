-- Money keeps four decimals exactly where a float does not, an instant keeps its zone's offset, a
-- double keeps a fraction.
with

cases as (

    select
        cast('0.1' as {{ type_money() }}) + cast('0.2' as {{ type_money() }}) as amount,
        cast('2019-10-01 02:00:00+02:00' as {{ type_instant() }}) as instant,
        cast(0.5 as {{ type_double() }}) as fraction

)

select *
from cases
where
    amount <> cast('0.3' as {{ type_money() }})
    or instant <> cast('2019-10-01 00:00:00+00:00' as {{ type_instant() }})
    or fraction <> 0.5
