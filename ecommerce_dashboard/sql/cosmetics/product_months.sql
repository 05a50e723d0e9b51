-- Parameters: the product.
select
    cast(event_month as date) as month_date,
    brand,
    category_id,
    category_code,
    lowest_price,
    highest_price,
    view_events,
    cart_events,
    remove_events,
    viewers,
    buyers,
    units,
    orders_proxy,
    gross_sales,
    adjustment_value,
    sales_rank,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_product_monthly
where product_id = ?
order by event_month
