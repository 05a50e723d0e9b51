-- int_div and nearest_rank: the rank of percentile p among n values is ceil(p / 100 * n).
with

cases as (

    select
        1 as n,
        1 as median_rank,
        1 as p90_rank

    union all

    select
        2 as n,
        1 as median_rank,
        2 as p90_rank

    union all

    select
        10 as n,
        5 as median_rank,
        9 as p90_rank

    union all

    select
        11 as n,
        6 as median_rank,
        10 as p90_rank

)

select *
from cases
where
    {{ int_div('n', 2) }} * 2 not in (n, n - 1)
    or {{ nearest_rank(50, 'n') }} <> median_rank
    or {{ nearest_rank(90, 'n') }} <> p90_rank
