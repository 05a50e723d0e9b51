{{ config(tags=['unpartitioned']) }}

with

days as (

    select
        sales_date,
        first_purchase_at,
        last_purchase_at
    from {{ ref('agg_electronics_sales_daily') }}

),

span as (

    select
        min(sales_date) as observed_from,
        max(sales_date) as observed_to,
        min(first_purchase_at) as first_purchase_at,
        max(last_purchase_at) as last_purchase_at,
        count(*) as observed_days
    from days

),

earlier_days as (

    select max(days.sales_date) as last_earlier_date
    from days
    cross join span
    where days.sales_date < span.observed_to

),

-- The last day is whole if it was sold in its last hour; otherwise the day before it is the last whole one.
final as (

    select
        span.observed_from,
        span.observed_to,
        span.first_purchase_at,
        span.last_purchase_at,
        span.observed_days,
        case
            when {{ utc_hour('span.last_purchase_at') }} = 23 then span.observed_to
            else earlier_days.last_earlier_date
        end as last_complete_date
    from span
    cross join earlier_days
    where span.observed_days > 0

)

select * from final
