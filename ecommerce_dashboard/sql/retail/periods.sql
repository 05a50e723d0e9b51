-- Parameters: the grain (year, quarter or month) twice, then year, quarter and month, each 0 for all.
-- Customers are counted anew for each period: they are not additive.
select
    extract(year from by_customer.month_date) as period_year,
    case when ? in ('quarter', 'month')
        then extract(quarter from by_customer.month_date) else 0 end as period_quarter,
    case when ? = 'month' then extract(month from by_customer.month_date) else 0 end as period_month,
    sum(by_customer.all_rows_value) as all_rows_value,
    sum(by_customer.net_sales_on_return_date) as net_sales,
    count(distinct case
        when by_customer.orders > 0 and not by_customer.is_unknown then by_customer.customer_id
    end) as customers_known,
    max(case when by_month.month_complete then 0 else 1 end) as has_incomplete_month
from retail_marts.agg_retail_sales_by_customer as by_customer
inner join retail_marts.agg_retail_sales_monthly as by_month
    on by_customer.month_date = by_month.month_date
where ? in (0, extract(year from by_customer.month_date))
    and ? in (0, extract(quarter from by_customer.month_date))
    and ? in (0, extract(month from by_customer.month_date))
group by 1, 2, 3
order by 1, 2, 3
