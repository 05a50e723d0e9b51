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
