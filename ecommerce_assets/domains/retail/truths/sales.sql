select
    sum(gross_sales) as gross_sales,
    sum(returns_on_return_date) as returns_value,
    sum(all_rows_value) as all_rows_value
from retail_marts.agg_retail_sales_monthly
where month_date >= ? and month_date < ?
