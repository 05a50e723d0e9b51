select
    all_rows,
    source_orders,
    column_shift_rows,
    unrepaired_rows,
    all_rows_value
from electronics_marts.agg_electronics_undated
