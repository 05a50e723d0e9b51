{{ config(**monthly('unit_month', cluster_by=['user_id'])) }}

with

first_views as (

    select
        user_id,
        min({{ moment_of('event_at', 'event_type') }}) as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and event_type = 'view'
    group by user_id, event_date

),

cart_events as (

    select
        user_id,
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', funnel_window_days()) }}
        and event_type = 'cart'

),

-- The lines of a checkout share their second.
purchases as (

    select distinct
        user_id,
        {{ moment_of('event_at', 'event_type') }} as moment
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch_and_after('event_at', funnel_window_days()) }}
        and event_type = 'purchase'

),

moments as (

    select
        user_id,
        moment
    from first_views

    union all

    select
        user_id,
        moment
    from cart_events

    union all

    select
        user_id,
        moment
    from purchases

),

-- One pass from the back: the next cart event.
carts_ahead as (

    select
        user_id,
        moment,
        min(case when {{ moment_kind('moment') }} = {{ kind_no('cart') }} then moment end) over (
            partition by user_id
            order by moment
            rows between current row and unbounded following
        ) as cart_ahead
    from moments

),

-- A day has one view here at most: the unit's entry.
units as (

    select
        user_id,
        min(moment) as opened,
        max(case when {{ moment_kind('moment') }} = 0 then moment end) as entered,
        max(case when {{ moment_kind('moment') }} = 0 then cart_ahead end) as carted
    from carts_ahead
    where moment < {{ batch_end_moment() }}
    group by user_id, {{ moment_day_no('moment') }}

),

bounded_units as (

    select
        *,
        {{ window_end_moment('coalesce(entered, opened)', funnel_window_days()) }} as last_moment
    from units

),

-- Purchases are few: each unit meets those of its user.
purchased_units as (

    select
        units.user_id,
        units.opened,
        min(case when purchases.moment >= units.carted then purchases.moment end) as purchased
    from bounded_units as units
    inner join purchases
        on
            units.user_id = purchases.user_id
            and units.opened <= purchases.moment
            and units.last_moment >= purchases.moment
    group by units.user_id, units.opened

),

final as (

    select
        {{ utc_month(moment_instant('units.opened')) }} as unit_month,
        {{ utc_date(moment_instant('units.opened')) }} as unit_date,
        units.user_id,
        {{ moment_instant('units.entered') }} as entered_at,
        {{ moment_instant('case when units.carted <= units.last_moment then units.carted end') }} as cart_at,
        {{ moment_instant('purchased_units.purchased') }} as purchase_at,
        purchased_units.user_id is not null as has_purchase
    from bounded_units as units
    left join purchased_units
        on
            units.user_id = purchased_units.user_id
            and units.opened = purchased_units.opened
    where
        units.entered is not null
        or purchased_units.user_id is not null

)

select * from final
