select cast(known.customer_id as string) as customer_id
from retail_marts.dim_retail_customer as known
order by known.net_sales desc, known.customer_id
