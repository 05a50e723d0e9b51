-- name: loads
-- Parameters: the domain with a full stop and a percent sign.
select
    min(month) as first_month,
    max(month) as last_month,
    count(distinct month) as months,
    max(finished_at) as last_loaded_at
from ops.load_ledger
where dataset like ? and step = 'raw' and status in ('loaded', 'unchanged')
having count(*) > 0

-- name: models
-- Parameters: the domain with a full stop and a percent sign.
select max(finished_at) as built_at
from ops.load_ledger
where dataset like ? and step in ('models', 'history') and status = 'loaded'

-- name: truths
select
    dataset,
    sum(case when status = 'matches' then 1 else 0 end) as matched,
    sum(case when status = 'differs' then 1 else 0 end) as differing,
    sum(case when status in ('stale', 'not judged') then 1 else 0 end) as unjudged,
    sum(case when status = 'not applicable' then 1 else 0 end) as not_applicable
from ops.truths
group by dataset
order by dataset
