-- name: curve
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

-- name: cohorts
-- Parameters: the kind of cohort and the kind of period.
select
    cohort_period,
    period_index,
    cohort_size,
    is_left_truncated,
    retention_num,
    retention_den,
    ltv_num,
    ltv_den,
    ltv_complete,
    period_complete
from cosmetics_marts.fct_cohort_period
where cohort_kind = ? and period_kind = ?
order by cohort_period, period_index
