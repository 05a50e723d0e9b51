-- Parameters: the stock code.
select
    dim_items.stock_code,
    dim_items.description,
    dim_items.item_kind,
    dim_items.n_lines,
    dim_items.n_spellings,
    dim_items.n_descriptions,
    dim_items.first_sold_date,
    dim_items.last_sold_date,
    dim_items.lowest_price,
    dim_items.highest_price,
    sum(by_item.units_sold) as units_sold,
    sum(by_item.units_returned) as units_returned,
    sum(by_item.gross_sales) as gross_sales,
    sum(by_item.all_rows_value) as all_rows_value
from retail_marts.dim_retail_item as dim_items
inner join retail_marts.agg_retail_sales_by_item as by_item
    on dim_items.stock_code = by_item.stock_code
where dim_items.stock_code = ?
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
