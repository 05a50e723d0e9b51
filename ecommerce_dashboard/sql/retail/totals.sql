-- Parameters: year, quarter and month, each 0 for all.
select
    count(*) as months,
    sum(orders) as orders,
    sum(all_rows_value) as all_rows_value,
    sum(gross_sales) as gross_sales,
    sum(discounts) as discounts,
    sum(returns_on_return_date) as returns_on_return_date,
    sum(returns_on_order_date) as returns_on_order_date,
    sum(net_sales_on_return_date) as net_sales_on_return_date,
    sum(net_sales_on_order_date) as net_sales_on_order_date,
    sum(aov_gross_num) as aov_gross_num,
    sum(aov_gross_den) as aov_gross_den
from retail_marts.agg_retail_sales_monthly
where ? in (0, extract(year from month_date))
    and ? in (0, extract(quarter from month_date))
    and ? in (0, extract(month from month_date))
having count(*) > 0
