-- Parameters: the stock code.
select
    by_item.month_date,
    by_month.month_complete,
    by_item.units_sold,
    by_item.all_rows_value
from retail_marts.agg_retail_sales_by_item as by_item
inner join retail_marts.agg_retail_sales_monthly as by_month
    on by_item.month_date = by_month.month_date
where by_item.stock_code = ?
order by by_item.month_date
