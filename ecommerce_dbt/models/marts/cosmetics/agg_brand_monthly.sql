{{ config(**monthly('event_month')) }}

with

{{ performance_ctes({'brand': 'coalesce(brand, ' ~ unknown_member() ~ ')'}) }},

final as (

    select
        {{ batch_month() }} as event_month,
        performance.brand,
        performance.brand = {{ unknown_member() }} as is_unknown,
        {{ performance_columns(is_unknown='performance.brand = ' ~ unknown_member()) }}
    from performance

)

select * from final
