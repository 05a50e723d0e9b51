-- The few figures that the demo prints, one row a month; rates are ratios of sums.
select
    strftime(sales.month_date, '%Y-%m') as month,
    format('{:,}', sales.orders) as orders,
    format('{:,}', sales.units) as units,
    format('{:,.2f}', cast(sales.net_sales as double)) as "net sales",
    format('{:.2f}', cast(sales.aov_net_num / nullif(sales.aov_net_den, 0) as double)) as "order value",
    case
        when not sales.growth_of_complete_months then ''
        when sales.growth_den > 0
            then format('{:+.1f} %', 100.0 * cast(sales.growth_num as double) / cast(sales.growth_den as double))
        when sales.growth_den = 0 then 'no sales before'
        else 'negative before'
    end as growth,
    case when sales.month_complete then 'yes' else 'no' end as complete,
    format('{:,}', quality.column_shift_rows) as "rows repaired"
from electronics_marts.agg_electronics_sales_monthly as sales
left join electronics_marts.agg_electronics_data_quality_monthly as quality
    on sales.month_date = cast(timezone('UTC', quality.event_month) as date)
order by sales.month_date
