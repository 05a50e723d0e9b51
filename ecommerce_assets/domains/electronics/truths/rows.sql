-- Rows with a date by month, and the rows without one, which no month holds.
with counted as (
    select
        all_rows,
        delivered_without_category_id,
        delivered_without_category_code,
        delivered_without_brand,
        delivered_without_price,
        delivered_without_user,
        column_shift_rows,
        unrepaired_rows,
        exact_duplicate_rows
    from electronics_marts.agg_electronics_data_quality_monthly
    where event_month >= ? and event_month < ?

    union all

    select
        all_rows,
        delivered_without_category_id,
        delivered_without_category_code,
        delivered_without_brand,
        delivered_without_price,
        delivered_without_user,
        column_shift_rows,
        unrepaired_rows,
        exact_duplicate_rows
    from electronics_marts.agg_electronics_undated
)

select
    sum(all_rows) as rows_all,
    sum(delivered_without_category_id) as rows_without_category_id,
    sum(delivered_without_category_code) as rows_without_category_code,
    sum(delivered_without_brand) as rows_without_brand,
    sum(delivered_without_price) as rows_without_price,
    sum(delivered_without_user) as rows_without_user,
    sum(all_rows) - sum(delivered_without_price) as rows_with_price,
    sum(column_shift_rows) as repaired_rows,
    sum(unrepaired_rows) as unrepaired_rows,
    sum(exact_duplicate_rows) as duplicate_rows
from counted
