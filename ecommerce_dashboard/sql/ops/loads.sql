-- Parameters: the domain with a full stop and a percent sign.
select
    min(month) as first_month,
    max(month) as last_month,
    count(distinct month) as months,
    max(finished_at) as last_loaded_at
from ops.load_ledger
where dataset like ? and step = 'raw' and status in ('loaded', 'unchanged')
having count(*) > 0
