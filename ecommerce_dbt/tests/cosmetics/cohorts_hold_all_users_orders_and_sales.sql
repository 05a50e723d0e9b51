{{ config(tags=['cosmetics', 'unpartitioned'], meta={'dagster': {'ref': {'name': 'dim_user_cohort'}}}) }}

-- For each way to cut periods, the cohorts of a kind are all its users, and what they ordered in all
-- periods is all that was ordered: a buyer's first purchase comes before every order.
with

users as (

    select
        cohort_kind,
        count(*) as n_users
    from {{ ref('dim_user_cohort') }}
    group by cohort_kind

),

sales as (

    select
        sum(orders_proxy) as orders_proxy,
        sum(gross_sales) as gross_sales
    from {{ ref('agg_sales_daily') }}

),

cohorts as (

    select
        cohort_kind,
        period_kind,
        sum(case when period_index = 0 then cohort_size else 0 end) as n_users,
        sum(orders_proxy) as orders_proxy,
        sum(gross_sales) as gross_sales
    from {{ ref('fct_cohort_period') }}
    group by cohort_kind, period_kind

)

select
    cohorts.cohort_kind,
    cohorts.period_kind,
    cohorts.n_users,
    cohorts.orders_proxy,
    cohorts.gross_sales
from cohorts
left join users
    on cohorts.cohort_kind = users.cohort_kind
cross join sales
where
    users.cohort_kind is null
    or cohorts.n_users <> users.n_users
    or cohorts.orders_proxy <> sales.orders_proxy
    or cohorts.gross_sales <> sales.gross_sales
