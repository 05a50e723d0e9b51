-- Parameters: the customer.
select
    customer_id,
    country,
    first_order_date,
    last_order_date,
    orders,
    items,
    purchase_days,
    units_sold,
    units_returned,
    gross_sales,
    returned_value,
    net_sales,
    all_rows_value,
    mean_order_num,
    mean_order_den
from retail_marts.dim_retail_customer
where customer_id = ?
