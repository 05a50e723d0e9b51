{{ config(**monthly('event_month')) }}

with

{{ performance_ctes({'event_date': 'event_date', 'brand': 'coalesce(brand, ' ~ unknown_member() ~ ')'}) }},

final as (

    select
        {{ month_of_date('performance.event_date') }} as event_month,
        performance.event_date,
        performance.brand,
        performance.brand = {{ unknown_member() }} as is_unknown,
        {{ performance_columns(period='event_date', is_unknown='performance.brand = ' ~ unknown_member()) }}
    from performance

)

select * from final
