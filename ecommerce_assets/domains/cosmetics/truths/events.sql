select
    count(case when price = 0 then 1 end) as zero_price_rows,
    count(case when price < 0 then 1 end) as negative_price_rows,
    count(case when brand is null then 1 end) as rows_without_brand,
    count(case when category_code is null then 1 end) as rows_without_category_code,
    count(distinct product_id) as products,
    count(distinct case when price < 0 and event_type = 'purchase' then user_id end) as negative_purchase_users,
    min(event_at) as first_event_at,
    max(event_at) as last_event_at
from cosmetics_staging.stg_cosmetics__events
where event_at >= ? and event_at < ?
