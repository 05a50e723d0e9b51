-- name: as_of_dates
select distinct
    as_of_date,
    is_week_end,
    is_latest
from electronics_marts.mart_electronics_brand_rank
order by as_of_date desc

-- name: brands
-- Parameters: the last day of the windows.
select
    window_weeks,
    window_start_date,
    brand,
    is_unknown,
    rank_net,
    rank_prev_window,
    rank_change,
    net_sales,
    gross_sales,
    units,
    orders,
    share_num,
    share_den,
    unknown_brand_num,
    unknown_brand_den,
    window_days_expected,
    window_days_observed,
    window_complete,
    previous_window_observed
from electronics_marts.mart_electronics_brand_rank
where as_of_date = ?
order by window_weeks, is_unknown, rank_net, brand
