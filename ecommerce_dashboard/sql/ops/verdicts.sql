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
    reason
from ops.truths
order by dataset, scope, metric
