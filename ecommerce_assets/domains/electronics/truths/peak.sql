-- The grid is of all months, whatever months are asked for: each `?` only has to be a date.
select
    min(weekday_iso) as peak_weekday_iso,
    min(hour_local) as peak_hour,
    count(*) as peak_hours
from electronics_marts.agg_electronics_sales_hour_grid
where
    is_peak
    and cast(? as date) <= cast(? as date)
