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
