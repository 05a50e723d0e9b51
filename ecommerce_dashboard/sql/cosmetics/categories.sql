-- Parameters: the first instant of the month.
select
    category_id,
    category_code,
    is_code_known,
    sales_rank,
    gross_sales,
    share_num,
    share_den,
    units,
    orders_proxy,
    buyers,
    view_to_purchase_num,
    view_to_purchase_den
from cosmetics_marts.agg_category_monthly
where event_month = ?
order by gross_sales desc, category_id
