select
    count(*) as all_invoices,
    count(case when n_timestamps > 1 then 1 end) as invoices_of_two_timestamps
from retail_marts.fct_retail_invoices
where invoiced_at >= ? and invoiced_at < ?
