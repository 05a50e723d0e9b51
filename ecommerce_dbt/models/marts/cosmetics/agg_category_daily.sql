{{ config(**monthly('event_month')) }}

with

events as (

    select
        event_date,
        category_id,
        user_id,
        event_type,
        price
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

lines as (

    select
        event_date,
        category_id,
        order_proxy_key,
        price
    from {{ ref('fct_order_lines').render() }}
    where {{ in_batch('event_at') }}

),

codes as (

    select
        category_id,
        min(category_code) as category_code
    from {{ ref('stg_cosmetics__events').render() }}
    where
        {{ in_batch('event_at') }}
        and category_code is not null
    group by category_id

),

{{ performance_ctes(['event_date', 'category_id']) }},

final as (

    select
        {{ month_of_date('performance.event_date') }} as event_month,
        performance.event_date,
        performance.category_id,
        coalesce(codes.category_code, {{ unknown_member() }}) as category_code,
        coalesce({{ code_level('codes.category_code', 1) }}, {{ unknown_member() }}) as category_level_1,
        {{ code_level('codes.category_code', 2) }} as category_level_2,
        {{ code_level('codes.category_code', 3) }} as category_level_3,
        codes.category_code is not null as is_code_known,
        {{ performance_columns(period='event_date') }}
    from performance
    left join codes
        on performance.category_id = codes.category_id

)

select * from final
