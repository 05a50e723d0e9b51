{{ config(tags=['unpartitioned']) }}

with

purchases as (

    select *
    from {{ ref('stg_electronics__undated') }}

),

final as (

    select
        {{ purchase_quality_columns() }}
    from purchases

)

select * from final
