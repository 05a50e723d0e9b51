{{ config(meta={'dagster': {'ref': {'name': 'agg_daily_traffic'}}}) }}

-- Events and sales of all brands, categories and products = those of the shop, unknown ones included.
{%- set members = {
    'agg_brand_daily': 'event_date',
    'agg_category_daily': 'event_date',
    'agg_brand_monthly': 'event_month',
    'agg_category_monthly': 'event_month',
    'agg_product_monthly': 'event_month',
} %}
with

shop_days as (

    select
        traffic.event_month,
        traffic.event_date,
        traffic.events,
        traffic.cart_events,
        traffic.purchase_events,
        sales.revenue_lines as units,
        sales.gross_sales,
        sales.adjustment_value
    from {{ ref('agg_daily_traffic') }} as traffic
    inner join {{ ref('agg_sales_daily') }} as sales
        on traffic.event_date = sales.sales_date
    where {{ in_loaded_window('traffic.event_month') }}

),

counted as (

    {% for mart, period in members.items() -%}
    select
        '{{ mart }}' as mart,
        event_month,
        {{ 'event_date' if period == 'event_date' else 'cast(null as date)' }} as event_date,
        sum(events) as events,
        sum(cart_events) as cart_events,
        sum(purchase_events) as purchase_events,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(adjustment_value) as adjustment_value,
        min(share_den) as least_share_den,
        max(share_den) as greatest_share_den
    from {{ ref(mart) }}
    where {{ in_loaded_window('event_month') }}
    group by event_month{{ ', event_date' if period == 'event_date' }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

),

wanted as (

    {% for mart, period in members.items() -%}
    select
        '{{ mart }}' as mart,
        event_month,
        {{ 'event_date' if period == 'event_date' else 'cast(null as date)' }} as event_date,
        sum(events) as events,
        sum(cart_events) as cart_events,
        sum(purchase_events) as purchase_events,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(adjustment_value) as adjustment_value
    from shop_days
    group by event_month{{ ', event_date' if period == 'event_date' }}
    {%- if not loop.last %}

    union all

    {% endif %}
    {%- endfor %}

)

select
    wanted.mart,
    wanted.event_month,
    wanted.event_date
from wanted
left join counted
    on
        wanted.mart = counted.mart
        and wanted.event_month = counted.event_month
        and (wanted.event_date = counted.event_date or (wanted.event_date is null and counted.event_date is null))
where
    counted.mart is null
    or counted.events <> wanted.events
    or counted.cart_events <> wanted.cart_events
    or counted.purchase_events <> wanted.purchase_events
    or counted.units <> wanted.units
    or counted.gross_sales <> wanted.gross_sales
    or counted.adjustment_value <> wanted.adjustment_value
    or counted.least_share_den <> wanted.gross_sales
    or counted.greatest_share_den <> wanted.gross_sales
