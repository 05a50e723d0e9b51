{{ config(tags=['unpartitioned']) }}

{#- The currency of the own prices; offers in another are shown and not compared. -#}
{% set own_currency = 'GBP' %}

with

offers as (

    select *
    from {{ ref('stg_retail__catalogue_offers') }}

),

-- The price at which an item last went: the highest of its last day, so that a single bargain does not
-- pass for the price.
sales as (

    select
        invoice_lines.stock_code,
        invoice_lines.invoice_date,
        max(invoice_lines.unit_price) as own_price
    from {{ ref('fct_retail_invoice_lines') }} as invoice_lines
    where invoice_lines.is_revenue_line
    group by invoice_lines.stock_code, invoice_lines.invoice_date

),

ranked as (

    select
        stock_code,
        invoice_date,
        own_price,
        row_number() over (partition by stock_code order by invoice_date desc) as place
    from sales

),

last_prices as (

    select
        stock_code,
        invoice_date as own_price_date,
        own_price
    from ranked
    where place = 1

),

compared as (

    select
        offers.*,
        last_prices.own_price_date,
        last_prices.own_price,
        last_prices.stock_code is not null as is_own_item,
        coalesce(
            offers.price > 0 and last_prices.own_price > 0 and offers.currency = '{{ own_currency }}', false
        ) as is_comparable
    from offers
    left join last_prices
        on offers.offer_code = last_prices.stock_code

),

final as (

    select
        event_month,
        shop,
        url,
        source_row_no,
        fetched_date,
        offer_code,
        product_name,
        price,
        currency,
        availability,
        is_own_item,
        own_price_date,
        cast(own_price as {{ type_money() }}) as own_price,
        is_comparable,
        cast(case when is_comparable then own_price - price end as {{ type_money() }}) as difference_num,
        cast(case when is_comparable then price end as {{ type_money() }}) as difference_den,
        case
            when not is_comparable then 'not comparable'
            when own_price < price then 'own is cheaper'
            when own_price > price then 'own is dearer'
            else 'same'
        end as price_position
    from compared

)

select * from final
