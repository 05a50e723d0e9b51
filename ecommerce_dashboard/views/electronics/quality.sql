-- name: quality
select
    cast(event_month as date) as month_date,
    all_rows,
    column_shift_rows,
    unrepaired_rows,
    unknown_user_num,
    unknown_user_den,
    unknown_brand_num,
    unknown_brand_den,
    unknown_category_num,
    unknown_category_den,
    zero_price_rows,
    negative_price_rows,
    exact_duplicate_rows,
    exact_duplicate_value,
    repaired_price_value
from electronics_marts.agg_electronics_data_quality_monthly
order by 1

-- name: undated
select
    all_rows,
    source_orders,
    column_shift_rows,
    unrepaired_rows,
    all_rows_value
from electronics_marts.agg_electronics_undated
