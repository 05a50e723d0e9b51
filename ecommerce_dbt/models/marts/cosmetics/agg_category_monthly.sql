{{ config(**monthly('event_month')) }}

with

{{ category_codes_cte() }},

{{ performance_ctes({'category_id': 'category_id'}) }},

final as (

    select
        {{ batch_month() }} as event_month,
        performance.category_id,
        {{ category_code_columns() }},
        {{ performance_columns() }}
    from performance
    left join codes
        on performance.category_id = codes.category_id

)

select * from final
