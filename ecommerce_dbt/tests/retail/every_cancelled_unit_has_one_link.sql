{{ config(meta={'dagster': {'ref': {'name': 'fct_retail_return_links'}}}) }}

-- The links of a cancelled line are its units, and no sale gives back more units than it sold.
with

linked as (

    select
        cancellation_line_key,
        sum(units) as units
    from {{ ref('fct_retail_return_links') }}
    group by cancellation_line_key

),

given_back as (

    select
        sale_line_key,
        sum(units) as units
    from {{ ref('fct_retail_return_links') }}
    where sale_line_key is not null
    group by sale_line_key

)

select
    invoice_lines.line_key,
    invoice_lines.quantity,
    linked.units as linked_units,
    given_back.units as units_given_back
from {{ ref('fct_retail_invoice_lines') }} as invoice_lines
left join linked
    on invoice_lines.line_key = linked.cancellation_line_key
left join given_back
    on invoice_lines.line_key = given_back.sale_line_key
where
    (
        invoice_lines.line_kind = 'cancellation'
        and invoice_lines.quantity < 0
        and invoice_lines.item_kind <> 'discount'
        and coalesce(linked.units <> -invoice_lines.quantity, true)
    )
    or coalesce(given_back.units > invoice_lines.quantity, false)
