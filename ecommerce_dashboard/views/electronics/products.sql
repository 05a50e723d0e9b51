-- name: abc_months
select
    cast(event_month as date) as month_date,
    count(*) as products
from electronics_marts.mart_electronics_abc
group by 1
order by 1

-- name: abc
-- Parameters: the first day of the month.
select
    product_id,
    brand,
    category_code,
    units,
    gross_sales,
    sales_place,
    products_in_month,
    cumulative_share_num,
    cumulative_share_den,
    class_by_products,
    class_by_sales,
    demand_cv,
    days_sold,
    days_observed
from electronics_marts.mart_electronics_abc
where cast(event_month as date) = ?
order by sales_place
