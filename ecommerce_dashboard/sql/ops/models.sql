-- Parameters: the domain with a full stop and a percent sign.
select max(finished_at) as built_at
from ops.load_ledger
where dataset like ? and step in ('models', 'history') and status = 'loaded'
