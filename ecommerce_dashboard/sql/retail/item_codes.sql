select
    stock_code,
    sum(gross_sales) as gross_sales
from retail_marts.agg_retail_sales_by_item
group by stock_code
order by gross_sales desc, stock_code
