select
    dataset,
    metric,
    scope,
    definition,
    source,
    expected,
    tolerance,
    found,
    status,
    reason,
    checked_at
from ops.truths
order by dataset, scope, metric
