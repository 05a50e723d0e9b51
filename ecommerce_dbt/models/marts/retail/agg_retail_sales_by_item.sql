{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['month_date', 'stock_code']) }},

items as (

    select
        stock_code,
        description,
        item_kind
    from {{ ref('dim_retail_item') }}

),

final as (

    select
        sums.month_date,
        sums.stock_code,
        items.description,
        items.item_kind,
        {{ retail_sum_columns() }}
    from sums
    inner join items
        on sums.stock_code = items.stock_code

)

select * from final
