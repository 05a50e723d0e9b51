{{ config(**monthly('event_month')) }}

with

purchases as (

    select *
    from {{ ref('stg_electronics__purchases').render() }}
    where {{ in_batch('purchased_at') }}

),

final as (

    select
        {{ batch_month() }} as event_month,
        {{ purchase_quality_columns() }}
    from purchases
    having count(*) > 0

)

select * from final
