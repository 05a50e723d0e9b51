select
    cast(event_month as date) as month_date,
    count(*) as products
from electronics_marts.mart_electronics_abc
group by 1
order by 1
