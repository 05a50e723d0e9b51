{{ config(**monthly('cart_month')) }}

with

carted_products as (

    select distinct
        event_date,
        user_id,
        product_id
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'cart'

),

purchased_units as (

    select unit_date
    from {{ ref('int_cosmetics__user_product_funnel_units').render() }}
    where
        {{ in_batch('unit_month') }}
        and day_cart_purchased_at is not null

),

-- The days that are loaded: a month's file is whole, so only the last loaded month can be cut short.
last_loaded_day as (

    select max(event_date) as event_date
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch_and_after('event_at', funnel_window_days()) }}

),

carted_days as (

    select
        event_date,
        count(*) as carted
    from carted_products
    group by event_date

),

purchased_days as (

    select
        unit_date,
        count(*) as purchased
    from purchased_units
    group by unit_date

),

final as (

    select
        {{ month_of_date('carted_days.event_date') }} as cart_month,
        carted_days.event_date as cart_date,
        carted_days.carted - coalesce(purchased_days.purchased, 0) as cart_abandonment_num,
        carted_days.carted as cart_abandonment_den,
        cast({{ funnel_window_days() }} as {{ type_int64() }}) as window_days_expected,
        least({{ funnel_window_days() }}, {{ days_between('carted_days.event_date', 'last_loaded_day.event_date') }})
            as window_days_observed,
        {{ days_between('carted_days.event_date', 'last_loaded_day.event_date') }} >= {{ funnel_window_days() }}
            as window_complete
    from carted_days
    cross join last_loaded_day
    left join purchased_days
        on carted_days.event_date = purchased_days.unit_date

)

select * from final
