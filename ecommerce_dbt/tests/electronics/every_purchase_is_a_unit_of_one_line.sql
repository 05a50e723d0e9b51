{{ config(meta={'dagster': {'ref': {'name': 'fct_electronics_order_lines'}}}) }}

-- The rows that staging holds of a month = the units of its order lines, in number and value.
with

staged as (

    select
        purchase_date,
        count(*) as n_rows,
        sum(price) as all_value
    from {{ ref('stg_electronics__purchases') }}
    where {{ in_loaded_window('purchased_at') }}
    group by purchase_date

),

lines as (

    select
        purchase_date,
        sum(quantity) as units,
        sum(line_value) as all_value
    from {{ ref('fct_electronics_order_lines') }}
    where {{ in_loaded_window('purchased_at') }}
    group by purchase_date

)

-- Compared is what was built: a month that was not built yet is not an error.
select
    lines.purchase_date,
    lines.units,
    staged.n_rows
from lines
left join staged
    on lines.purchase_date = staged.purchase_date
where
    staged.purchase_date is null
    or lines.units <> staged.n_rows
    or lines.all_value <> coalesce(staged.all_value, 0)
