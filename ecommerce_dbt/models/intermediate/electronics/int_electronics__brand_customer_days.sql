{{ config(**monthly('event_month', cluster_by=['brand'])) }}

with

final as (

    select distinct
        {{ batch_month() }} as event_month,
        coalesce(brand, {{ unknown_member() }}) as brand,
        user_id,
        purchase_date as sales_date
    from {{ ref('fct_electronics_order_lines').render() }}
    where
        {{ in_batch('purchased_at') }}
        and user_id is not null

)

select * from final
