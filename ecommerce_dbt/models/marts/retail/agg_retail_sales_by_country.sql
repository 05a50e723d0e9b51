{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['month_date', 'country']) }},

final as (

    select
        sums.month_date,
        sums.country,
        sums.country = 'Unspecified' as is_unknown,
        {{ retail_sum_columns() }}
    from sums

)

select * from final
