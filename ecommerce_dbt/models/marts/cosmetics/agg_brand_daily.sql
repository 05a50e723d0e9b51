{{ config(**monthly('event_month')) }}

with

events as (

    select
        event_date,
        coalesce(brand, {{ unknown_member() }}) as brand,
        user_id,
        event_type,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

lines as (

    select
        event_date,
        coalesce(brand, {{ unknown_member() }}) as brand,
        order_proxy_key,
        price
    from {{ ref('fct_order_lines').render() }}
    where {{ in_batch('event_at') }}

),

{{ performance_ctes(['event_date', 'brand']) }},

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
