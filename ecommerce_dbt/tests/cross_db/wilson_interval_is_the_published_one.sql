-- wilson_bound against values of the textbook formula; without trials there is no interval.
with

cases as (

    select
        0 as hits,
        10 as trials,
        0.0 as expected_low,
        0.277533 as expected_high

    union all

    select
        81 as hits,
        263 as trials,
        0.255289 as expected_low,
        0.366206 as expected_high

),

computed as (

    select
        *,
        {{ wilson_bound('hits', 'trials', 'low') }} as low,
        {{ wilson_bound('hits', 'trials', 'high') }} as high,
        {{ wilson_bound('hits', '0', 'low') }} as no_low
    from cases

)

select *
from computed
where
    abs(low - expected_low) > 0.00001
    or abs(high - expected_high) > 0.00001
    or no_low is not null
