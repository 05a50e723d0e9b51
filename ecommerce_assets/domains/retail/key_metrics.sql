-- The few figures that the demo prints, one row a month; rates are ratios of sums.
select
    strftime(month_date, '%Y-%m') as month,
    format('{:,}', orders) as orders,
    format('{:,}', customers_known) as customers,
    format('{:,.2f}', cast(gross_sales as double)) as "gross sales",
    format('{:,.2f}', cast(returns_on_return_date as double)) as "returned",
    format('{:,.2f}', cast(net_sales_on_return_date as double)) as "net sales",
    format('{:.2f}', cast(aov_net_num / nullif(aov_net_den, 0) as double)) as "order value",
    case
        when not growth_month_complete then ''
        when growth_month_den > 0
            then format('{:+.1f} %', 100.0 * cast(growth_month_num as double) / cast(growth_month_den as double))
        when growth_month_den = 0 then 'no sales before'
        else 'negative before'
    end as growth,
    case when month_complete then 'yes' else 'no' end as complete
from retail_marts.agg_retail_sales_monthly
order by month_date
