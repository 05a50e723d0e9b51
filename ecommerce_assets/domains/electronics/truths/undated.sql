-- The undated totals, whatever months are asked for: each `?` only has to be a date.
select
    sum(all_rows) as undated_rows,
    sum(all_rows_value) as undated_value,
    sum(column_shift_rows) as undated_repaired_rows
from electronics_marts.agg_electronics_undated
where cast(? as date) <= cast(? as date)
