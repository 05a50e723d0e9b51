-- name: monthly
select
    month_date,
    days_in_month,
    days_observed,
    month_complete,
    orders,
    units,
    gross_sales,
    net_sales,
    growth_num,
    growth_den,
    growth_of_complete_months
from electronics_marts.agg_electronics_sales_monthly
order by month_date

-- name: daily
select
    sales_date,
    orders,
    units,
    net_sales
from electronics_marts.agg_electronics_sales_daily
order by sales_date

-- name: hour_grid
select
    weekday_iso,
    hour_local,
    hours_observed,
    orders,
    units,
    net_sales,
    mean_orders,
    is_peak
from electronics_marts.agg_electronics_sales_hour_grid
order by weekday_iso, hour_local

-- name: to_date
select
    as_of_date,
    year_start_date,
    window_days_expected,
    window_days_observed,
    window_complete,
    net_sales,
    orders,
    prior_as_of_date,
    prior_days_expected,
    prior_days_observed,
    prior_complete,
    prior_net_sales
from electronics_marts.mart_electronics_sales_to_date
where is_latest

-- name: totals
-- All loaded months. Orders, values and both parts of the average are additive over months.
select
    min(month_date) as first_month,
    max(month_date) as last_month,
    sum(units) as units,
    sum(orders) as orders,
    sum(gross_sales) as gross_sales,
    sum(adjustment_value) as adjustment_value,
    sum(net_sales) as net_sales,
    sum(aov_net_num) as aov_net_num,
    sum(aov_net_den) as aov_net_den
from electronics_marts.agg_electronics_sales_monthly
having count(*) > 0
