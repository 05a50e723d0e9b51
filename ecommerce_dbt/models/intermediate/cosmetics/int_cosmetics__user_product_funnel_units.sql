{{ config(**monthly('unit_month', cluster_by=['user_id'])) }}

{%- set cart = kind_no('cart') %}

with

first_views as (

    select
        user_id,
        product_id,
        min({{ moment_of('event_at', 'event_type') }}) as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'view'
    group by user_id, product_id, event_date

),

cart_events as (

    select
        user_id,
        product_id,
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', funnel_window_days()) }}
        and event_type = 'cart'

),

removes as (

    select
        user_id,
        product_id,
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', funnel_window_days()) }}
        and event_type = 'remove_from_cart'

),

purchases as (

    select distinct
        user_id,
        product_id,
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', funnel_window_days()) }}
        and event_type = 'purchase'

),

purchased_products as (

    select distinct
        user_id,
        product_id
    from purchases

),

-- A user seldom carts one product twice, so each entry meets its few cart events without windows.
carted_entries as (

    select
        first_views.user_id,
        first_views.product_id,
        first_views.moment,
        min(cart_events.moment) as carted
    from first_views
    inner join cart_events
        on
            first_views.user_id = cart_events.user_id
            and first_views.product_id = cart_events.product_id
            and first_views.moment <= cart_events.moment
            and {{ window_end_moment('first_views.moment', funnel_window_days()) }} >= cart_events.moment
    group by first_views.user_id, first_views.product_id, first_views.moment

),

-- All that can open a unit: entries with a cart, and whatever happens to a product that is purchased.
moments as (

    select
        user_id,
        product_id,
        moment,
        carted
    from carted_entries

    union all

    select
        first_views.user_id,
        first_views.product_id,
        first_views.moment,
        null as carted
    from first_views
    inner join purchased_products
        on
            first_views.user_id = purchased_products.user_id
            and first_views.product_id = purchased_products.product_id

    union all

    select
        cart_events.user_id,
        cart_events.product_id,
        cart_events.moment,
        null as carted
    from cart_events
    inner join purchased_products
        on
            cart_events.user_id = purchased_products.user_id
            and cart_events.product_id = purchased_products.product_id
    where cart_events.moment < {{ batch_end_moment() }}

    union all

    select
        user_id,
        product_id,
        moment,
        null as carted
    from purchases
    where moment < {{ batch_end_moment() }}

),

units as (

    select
        user_id,
        product_id,
        min(moment) as opened,
        min(case when {{ moment_kind('moment') }} = 0 then moment end) as entered,
        min(carted) as carted,
        min(case when {{ moment_kind('moment') }} = {{ cart }} then moment end) as day_cart
    from moments
    group by user_id, product_id, {{ moment_day_no('moment') }}

),

bounded_units as (

    select
        *,
        {{ window_end_moment('coalesce(entered, opened)', funnel_window_days()) }} as last_moment,
        {{ window_end_moment('day_cart', funnel_window_days()) }} as day_cart_last_moment
    from units

),

unit_purchases as (

    select
        units.user_id,
        units.product_id,
        units.opened,
        min(case when purchases.moment <= units.last_moment then purchases.moment end) as purchased_at_all,
        min(
            case
                when purchases.moment >= units.carted and purchases.moment <= units.last_moment then purchases.moment
            end
        ) as purchased,
        min(
            case
                when purchases.moment >= units.day_cart and purchases.moment <= units.day_cart_last_moment
                    then purchases.moment
            end
        ) as day_cart_purchased
    from bounded_units as units
    inner join purchases
        on
            units.user_id = purchases.user_id
            and units.product_id = purchases.product_id
            and units.opened <= purchases.moment
    group by units.user_id, units.product_id, units.opened

),

purchased_units as (

    select
        units.user_id,
        units.product_id,
        units.opened,
        units.entered,
        units.carted,
        units.day_cart,
        unit_purchases.purchased,
        unit_purchases.day_cart_purchased,
        unit_purchases.purchased_at_all is not null as has_purchase,
        coalesce(unit_purchases.purchased, units.last_moment) as last_remove_moment
    from bounded_units as units
    left join unit_purchases
        on
            units.user_id = unit_purchases.user_id
            and units.product_id = unit_purchases.product_id
            and units.opened = unit_purchases.opened

),

-- A purchase ends the time in which a remove excludes.
unit_removes as (

    select
        units.user_id,
        units.product_id,
        units.opened,
        min(removes.moment) as removed
    from purchased_units as units
    inner join removes
        on
            units.user_id = removes.user_id
            and units.product_id = removes.product_id
            and units.carted <= removes.moment
            and units.last_remove_moment >= removes.moment
    group by units.user_id, units.product_id, units.opened

),

reached_units as (

    select
        units.user_id,
        units.product_id,
        units.opened,
        units.entered,
        units.carted,
        unit_removes.removed,
        units.purchased,
        units.has_purchase,
        units.day_cart_purchased
    from purchased_units as units
    left join unit_removes
        on
            units.user_id = unit_removes.user_id
            and units.product_id = unit_removes.product_id
            and units.opened = unit_removes.opened
    where
        units.carted is not null
        or units.has_purchase
        or units.day_cart_purchased is not null

),

-- Eleven units in twelve did nothing but view.
all_units as (

    select * from reached_units

    union all

    select
        first_views.user_id,
        first_views.product_id,
        first_views.moment as opened,
        first_views.moment as entered,
        null as carted,
        null as removed,
        null as purchased,
        false as has_purchase,
        null as day_cart_purchased
    from first_views
    left join reached_units
        on
            first_views.user_id = reached_units.user_id
            and first_views.product_id = reached_units.product_id
            and first_views.moment = reached_units.entered
    where reached_units.user_id is null

),

final as (

    select
        {{ utc_month(moment_instant('opened')) }} as unit_month,
        {{ utc_date(moment_instant('opened')) }} as unit_date,
        user_id,
        product_id,
        {{ moment_instant('entered') }} as entered_at,
        {{ moment_instant('carted') }} as cart_at,
        {{ moment_instant('removed') }} as removed_at,
        {{ moment_instant('purchased') }} as purchase_at,
        has_purchase,
        {{ moment_instant('day_cart_purchased') }} as day_cart_purchased_at
    from all_units

)

select * from final
