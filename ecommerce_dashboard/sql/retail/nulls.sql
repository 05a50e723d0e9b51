-- As delivered by the primary source, before anything is filled in.
select
    count(*) as all_rows,
    sum(case when description is null then 1 else 0 end) as without_description,
    sum(case when customer_id_delivered is null then 1 else 0 end) as without_customer,
    sum(case when customer_id is null then 1 else 0 end) as without_known_customer,
    sum(case when quantity < 0 then 1 else 0 end) as negative_quantity,
    sum(case when unit_price < 0 then 1 else 0 end) as negative_price,
    sum(case when unit_price = 0 then 1 else 0 end) as zero_price,
    sum(case when is_exact_duplicate then 1 else 0 end) as exact_duplicates
from retail_staging.stg_retail__invoice_lines
