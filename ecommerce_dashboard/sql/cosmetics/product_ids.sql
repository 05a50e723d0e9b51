select
    product_id,
    sum(gross_sales) as gross_sales
from cosmetics_marts.agg_product_monthly
group by product_id
order by gross_sales desc, product_id
limit 500
