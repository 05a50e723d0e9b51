select distinct
    as_of_date,
    is_week_end,
    is_latest
from electronics_marts.mart_electronics_brand_rank
order by as_of_date desc
