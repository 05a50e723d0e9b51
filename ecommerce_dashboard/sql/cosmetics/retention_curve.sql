-- Parameters: the kind of cohort and the kind of period.
select
    period_index,
    cohorts,
    weighted_retention_num,
    weighted_retention_den,
    simple_retention_num,
    simple_retention_den
from cosmetics_marts.agg_cohort_retention
where cohort_kind = ? and period_kind = ?
order by period_index
