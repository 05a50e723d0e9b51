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
