select
    dataset,
    sum(case when status = 'matches' then 1 else 0 end) as matched,
    sum(case when status = 'differs' then 1 else 0 end) as differing,
    sum(case when status in ('stale', 'not judged') then 1 else 0 end) as unjudged,
    sum(case when status = 'not applicable' then 1 else 0 end) as not_applicable
from ops.truths
group by dataset
order by dataset
