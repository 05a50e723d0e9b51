{{ config(**monthly('event_month')) }}

with

{{ category_codes_cte() }},

{{ performance_ctes({'event_date': 'event_date', 'category_id': 'category_id'}) }},

final as (

    select
        {{ month_of_date('performance.event_date') }} as event_month,
        performance.event_date,
        performance.category_id,
        {{ category_code_columns() }},
        {{ performance_columns(period='event_date') }}
    from performance
    left join codes
        on performance.category_id = codes.category_id

)

select * from final
