-- All loaded months. Orders, values and both parts of the average are additive over months.
select
    min(month_date) as first_month,
    max(month_date) as last_month,
    sum(units) as units,
    sum(orders) as orders,
    sum(gross_sales) as gross_sales,
    sum(adjustment_value) as adjustment_value,
    sum(net_sales) as net_sales,
    sum(aov_net_num) as aov_net_num,
    sum(aov_net_den) as aov_net_den
from electronics_marts.agg_electronics_sales_monthly
having count(*) > 0
