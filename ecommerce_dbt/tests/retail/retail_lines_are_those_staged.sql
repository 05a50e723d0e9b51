{{ config(meta={'dagster': {'ref': {'name': 'fct_retail_invoice_lines'}}}) }}

-- The lines of a day = the rows that staging holds of it, in number and value.
with

staged as (

    select
        invoice_date,
        count(*) as n_rows,
        sum(line_value) as all_value
    from {{ ref('stg_retail__invoice_lines') }}
    where {{ in_loaded_window('invoiced_at') }}
    group by invoice_date

),

lines as (

    select
        invoice_date,
        count(*) as n_rows,
        sum(line_value) as all_value
    from {{ ref('fct_retail_invoice_lines') }}
    where {{ in_loaded_window('invoiced_at') }}
    group by invoice_date

)

-- Compared is what was built: a month that was not built yet is not an error.
select
    lines.invoice_date,
    lines.n_rows,
    staged.n_rows as staged_rows
from lines
left join staged
    on lines.invoice_date = staged.invoice_date
where
    staged.invoice_date is null
    or lines.n_rows <> staged.n_rows
    or lines.all_value <> staged.all_value
