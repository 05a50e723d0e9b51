{{ config(tags=['unpartitioned']) }}

with

lines as (

    select *
    from {{ ref('fct_retail_invoice_lines') }}

),

items as (

    select
        stock_code,
        min(item_kind) as item_kind,
        count(*) as n_lines,
        count(distinct stock_code_delivered) as n_spellings,
        count(distinct case when is_revenue_line then description end) as n_descriptions,
        min(case when is_revenue_line then invoice_date end) as first_sold_date,
        max(case when is_revenue_line then invoice_date end) as last_sold_date,
        min(case when is_revenue_line then unit_price end) as lowest_price,
        max(case when is_revenue_line then unit_price end) as highest_price
    from lines
    group by stock_code

),

-- Notes of the stock stand on lines without revenue and so are never asked. Among sales the description
-- of most lines wins; among equals the first in order.
descriptions as (

    select
        stock_code,
        description,
        count(*) as n_lines
    from lines
    where
        is_revenue_line
        and description is not null
    group by stock_code, description

),

chosen as (

    select
        stock_code,
        description,
        row_number() over (partition by stock_code order by n_lines desc, description asc) as place
    from descriptions

),

final as (

    select
        items.stock_code,
        coalesce(chosen.description, {{ unknown_member() }}) as description,
        chosen.description is not null as is_description_known,
        items.item_kind,
        items.item_kind <> 'item' as is_service,
        items.n_lines,
        items.n_spellings,
        items.n_descriptions,
        items.first_sold_date,
        items.last_sold_date,
        items.lowest_price,
        items.highest_price
    from items
    left join chosen
        on
            items.stock_code = chosen.stock_code
            and chosen.place = 1

)

select * from final
