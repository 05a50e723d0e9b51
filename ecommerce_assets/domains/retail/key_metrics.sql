-- The few figures that the demo prints, one row a month; rates are ratios of sums.
select
    strftime(month_date, '%Y-%m') as month,
    format('{:,}', cast(invoices as bigint)) as invoices,
    format('{:,.2f}', cast(gross_sales as double)) as "gross sales",
    format('{:,.2f}', cast(returns_on_return_date as double)) as "returns",
    format('{:,.2f}', cast(all_rows_value as double)) as "value of all rows",
    case when month_complete then 'yes' else 'no' end as complete
from retail_marts.agg_retail_sales_monthly
order by month_date
