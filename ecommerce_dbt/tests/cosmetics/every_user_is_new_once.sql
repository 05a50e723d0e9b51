{{ config(meta={'dagster': {'ref': {'name': 'agg_daily_new_users'}}}) }}

-- New users over all days = distinct users over all months.
with

new_users as (

    select coalesce(sum(new_users), 0) as n_users
    from {{ ref('agg_daily_new_users') }}

),

all_users as (

    select count(distinct user_id) as n_users
    from {{ ref('int_cosmetics__user_months') }}

)

select
    new_users.n_users as new_users,
    all_users.n_users as all_users
from new_users
cross join all_users
where new_users.n_users <> all_users.n_users
