select
    month_date,
    days_in_month,
    days_observed,
    month_complete,
    orders,
    units,
    gross_sales,
    net_sales,
    growth_num,
    growth_den,
    growth_of_complete_months
from electronics_marts.agg_electronics_sales_monthly
order by month_date
