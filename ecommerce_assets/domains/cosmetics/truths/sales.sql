select
    sum(all_rows_value) as purchase_value,
    sum(gross_sales) as positive_purchase_value,
    sum(adjustment_value) as negative_purchase_value,
    sum(adjustment_lines) as negative_purchase_rows
from cosmetics_marts.agg_sales_daily
where event_month >= ? and event_month < ?
