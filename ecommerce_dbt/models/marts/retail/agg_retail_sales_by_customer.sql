{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['month_date', 'customer_id']) }},

final as (

    select
        sums.month_date,
        coalesce(sums.customer_id, 0) as customer_id,
        sums.customer_id is null as is_unknown,
        {{ retail_sum_columns() }}
    from sums

)

select * from final
