-- Parameters: the first and the last day.
select
    cart_date,
    cart_abandonment_num,
    cart_abandonment_den,
    window_complete
from cosmetics_marts.agg_cart_abandonment_daily
where cart_date between ? and ?
order by cart_date
