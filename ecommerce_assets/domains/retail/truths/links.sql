-- Cancelled items of known customers by the way their sale was found. One that was linked in part
-- counts twice: by the method of that part, and as unlinked.
with cancelled as (
    select
        cancellation_line_key,
        max(case when link_method = 'exact_match' then 1 else 0 end) as is_exact,
        max(case when link_method = 'fifo' then 1 else 0 end) as is_fifo,
        max(case when link_method = 'unlinked' then 1 else 0 end) as is_unlinked
    from retail_marts.fct_retail_return_links
    where
        return_date >= cast(? as date) and return_date < cast(? as date)
        and item_kind = 'item'
        and customer_id is not null
    group by cancellation_line_key
)

select
    sum(is_exact) as exact_links,
    sum(is_fifo) as fifo_links,
    sum(is_unlinked) as unlinked_cancellations
from cancelled
