{{ config(tags=['unpartitioned']) }}

{#- A rate in whole millionths, rounded half up, so that a mean of rates needs no float. #}
{%- set millionths = int_div('2000000 * active_users + cohort_size', '(2 * cohort_size)') %}

with

cohort_periods as (

    select
        cohort_kind,
        period_kind,
        period_index,
        cohort_size,
        active_users,
        {{ millionths }} as retention_millionths
    from {{ ref('fct_cohort_period') }}
    where
        period_complete
        and not is_left_truncated

),

final as (

    select
        cohort_kind,
        period_kind,
        period_index,
        count(*) as cohorts,
        cast(sum(active_users) as {{ type_int64() }}) as weighted_retention_num,
        cast(sum(cohort_size) as {{ type_int64() }}) as weighted_retention_den,
        cast(sum(retention_millionths) as {{ type_int64() }}) as simple_retention_num,
        1000000 * count(*) as simple_retention_den
    from cohort_periods
    group by cohort_kind, period_kind, period_index

)

select * from final
