select
    count(*) as rows_all,
    count(distinct invoice_no) as invoices,
    count(distinct customer_id) as customers,
    count(distinct stock_code_delivered) as stock_codes,
    count(distinct country) as countries,
    count(case when customer_id is null then 1 end) as rows_without_customer,
    count(case when description is null then 1 end) as rows_without_description,
    count(case when is_exact_duplicate then 1 end) as duplicate_rows,
    count(case when line_kind = 'cancellation' then 1 end) as cancellation_rows,
    count(distinct case when line_kind = 'cancellation' then invoice_no end) as cancellation_invoices,
    count(distinct case when line_kind = 'bad_debt' then invoice_no end) as bad_debt_invoices,
    count(case when quantity < 0 then 1 end) as negative_quantity_rows,
    count(case when unit_price = 0 then 1 end) as zero_price_rows,
    count(case when unit_price < 0 then 1 end) as negative_price_rows,
    sum(line_value) as value_all_rows
from retail_marts.fct_retail_invoice_lines
where invoiced_at >= ? and invoiced_at < ?
