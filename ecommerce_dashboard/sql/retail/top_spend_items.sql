select
    stock_code,
    description,
    sum(all_rows_value) as all_rows_value
from retail_marts.agg_retail_sales_by_item
group by stock_code, description
order by all_rows_value desc, stock_code
limit 10
