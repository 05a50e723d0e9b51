{{ config(**monthly('event_at', cluster_by=['event_type'])) }}

with

-- Equal rows agree in these three whole numbers; one moment in twenty of a user and product repeats.
moments as (

    select
        event_at,
        user_id,
        product_id,
        row_number() over (partition by event_at, user_id, product_id) as moment_rank
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

repeated_moments as (

    select
        event_at,
        user_id,
        product_id
    from moments
    where moment_rank = 2

),

events as (

    select
        event_at,
        event_date,
        event_type,
        product_id,
        category_id,
        category_code,
        brand,
        price,
        user_id,
        session_source_id,
        source_row_no
    from {{ ref('stg_cosmetics__events').render() }}
    where {{ in_batch('event_at') }}

),

-- All nine columns are compared where a repeat is possible at all.
ranked as (

    select
        events.event_at,
        events.event_date,
        events.source_row_no,
        events.event_type,
        events.user_id,
        events.product_id,
        events.price,
        events.session_source_id,
        row_number() over (
            partition by
                events.event_at,
                events.event_type,
                events.product_id,
                events.category_id,
                events.category_code,
                events.brand,
                events.price,
                events.user_id,
                events.session_source_id
            order by events.source_row_no
        ) as dup_rank
    from events
    inner join repeated_moments
        on
            events.event_at = repeated_moments.event_at
            and events.user_id = repeated_moments.user_id
            and events.product_id = repeated_moments.product_id

),

final as (

    select
        event_at,
        event_date,
        source_row_no,
        event_type,
        user_id,
        product_id,
        cast(price as {{ type_money() }}) as price,
        session_source_id,
        dup_rank
    from ranked
    where dup_rank > 1

)

select * from final
