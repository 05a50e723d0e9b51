-- name: item
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

-- name: pairs
-- Parameters: the stock code.
select
    rhs_stock_code,
    rhs_description,
    n_both,
    n_lhs,
    n_rhs,
    confidence,
    lift
from retail_marts.mart_retail_basket_pairs
where lhs_stock_code = ?
order by lift desc, rhs_stock_code
limit 10

-- name: codes
select
    stock_code,
    sum(gross_sales) as gross_sales
from retail_marts.agg_retail_sales_by_item
group by stock_code
order by gross_sales desc, stock_code

-- name: months
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

-- name: customers
-- Parameters: the stock code.
select
    customer_id,
    sum(quantity) as units,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
where stock_code = ? and customer_id is not null
group by customer_id
order by line_value desc, customer_id
limit 20
