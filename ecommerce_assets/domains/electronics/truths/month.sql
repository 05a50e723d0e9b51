select
    sum(all_rows) as month_rows,
    sum(all_rows_value) as month_value,
    sum(column_shift_rows) as month_repaired_rows,
    sum(exact_duplicate_rows) as month_duplicate_rows
from electronics_marts.agg_electronics_data_quality_monthly
where event_month >= ? and event_month < ?
