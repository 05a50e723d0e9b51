select
    month_date,
    days_in_month,
    days_observed,
    month_complete,
    orders,
    customers_known,
    all_rows_value,
    gross_sales,
    net_sales_on_return_date,
    net_sales_on_order_date,
    growth_month_num,
    growth_month_den,
    growth_month_complete
from retail_marts.agg_retail_sales_monthly
order by month_date
