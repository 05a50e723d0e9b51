-- Parameters: the first and the last day.
select
    sales_date,
    buyers,
    orders_proxy,
    adjustment_lines,
    zero_price_lines,
    gross_sales,
    adjustment_value,
    revenue_per_visitor_num,
    revenue_per_visitor_den,
    aov_num,
    aov_den
from cosmetics_marts.agg_sales_daily
where sales_date between ? and ?
order by sales_date
