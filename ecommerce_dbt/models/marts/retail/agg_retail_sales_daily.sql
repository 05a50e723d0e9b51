{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['sales_date']) }},

{{ retail_order_values_cte('invoice_date') }},

final as (

    select
        sums.sales_date,
        {{ retail_sum_columns() }},
        {{ retail_order_value_columns() }}
    from sums
    left join order_values
        on sums.sales_date = order_values.invoice_date

)

select * from final
