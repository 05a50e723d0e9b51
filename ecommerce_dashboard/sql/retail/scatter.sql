-- A sample of the lines, the same at every look (their keys are hashes), and the 200 of most value.
with ranked as (
    select
        line_key,
        quantity,
        unit_price,
        line_value,
        row_number() over (order by line_key) as sample_place,
        row_number() over (order by abs(line_value) desc, line_key) as value_place
    from retail_marts.fct_retail_invoice_lines
)

select
    quantity,
    unit_price,
    line_value,
    case when value_place <= 200 then 'most value' else 'sample' end as drawn_as
from ranked
where
    sample_place <= 1500
    or value_place <= 200
order by line_key
