-- name: totals
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

-- name: customers_known
-- Parameters: year, quarter and month, each 0 for all. Not additive over months.
select count(distinct customer_id) as customers_known
from retail_marts.agg_retail_sales_by_customer
where ? in (0, extract(year from month_date))
    and ? in (0, extract(quarter from month_date))
    and ? in (0, extract(month from month_date))
    and orders > 0
    and not is_unknown

-- name: periods
-- Parameters: the grain (year, quarter or month) twice, then year, quarter and month, each 0 for all.
-- Customers are counted again for each period: they are not additive.
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

-- name: countries
-- Parameters: year, quarter and month, each 0 for all.
select
    country,
    sum(orders) as orders,
    sum(all_rows_value) as all_rows_value,
    sum(net_sales_on_return_date) as net_sales
from retail_marts.agg_retail_sales_by_country
where ? in (0, extract(year from month_date))
    and ? in (0, extract(quarter from month_date))
    and ? in (0, extract(month from month_date))
group by country
order by all_rows_value desc, country

-- name: customers
-- Parameters: year, quarter and month, each 0 for all.
select
    by_customer.customer_id,
    known.country,
    sum(by_customer.orders) as orders,
    sum(by_customer.all_rows_value) as all_rows_value,
    sum(by_customer.net_sales_on_return_date) as net_sales
from retail_marts.agg_retail_sales_by_customer as by_customer
inner join retail_marts.dim_retail_customer as known
    on by_customer.customer_id = known.customer_id
where ? in (0, extract(year from by_customer.month_date))
    and ? in (0, extract(quarter from by_customer.month_date))
    and ? in (0, extract(month from by_customer.month_date))
group by by_customer.customer_id, known.country
order by all_rows_value desc, by_customer.customer_id
limit 20

-- name: items
-- Parameters: year, quarter and month, each 0 for all.
select
    stock_code,
    description,
    sum(units_sold) as units_sold,
    sum(units_returned) as units_returned,
    sum(gross_sales) as gross_sales
from retail_marts.agg_retail_sales_by_item
where ? in (0, extract(year from month_date))
    and ? in (0, extract(quarter from month_date))
    and ? in (0, extract(month from month_date))
    and item_kind = 'item'
group by stock_code, description
order by units_sold desc, stock_code
limit 20

-- name: months
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
