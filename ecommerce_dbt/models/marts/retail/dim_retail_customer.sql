{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['customer_id']) }},

lines as (

    select *
    from {{ ref('fct_retail_invoice_lines') }}
    where customer_id is not null

),

dates as (

    select
        customer_id,
        min(invoice_date) as first_seen_date,
        max(invoice_date) as last_seen_date,
        min(case when is_revenue_line then invoice_date end) as first_order_date,
        max(case when is_revenue_line then invoice_date end) as last_order_date,
        count(distinct case when is_revenue_line then invoice_date end) as purchase_days,
        count(distinct case when is_revenue_line and item_kind = 'item' then stock_code end) as items,
        count(distinct country) as n_countries,
        count(*) as n_lines
    from lines
    group by customer_id

),

-- The country of most lines; among equals the first in order.
countries as (

    select
        customer_id,
        country,
        row_number() over (partition by customer_id order by count(*) desc, country asc) as place
    from lines
    group by customer_id, country

),

final as (

    select
        dates.customer_id,
        countries.country,
        dates.n_countries,
        dates.first_seen_date,
        dates.last_seen_date,
        dates.first_order_date,
        dates.last_order_date,
        dates.purchase_days,
        dates.items,
        dates.n_lines,
        sums.orders,
        sums.units_sold,
        sums.units_returned,
        sums.gross_sales,
        sums.service_sales,
        sums.discounts,
        sums.returns_on_return_date as returned_value,
        sums.net_sales_on_return_date as net_sales,
        sums.all_rows_value,
        sums.gross_sales as mean_order_num,
        sums.orders as mean_order_den
    from dates
    inner join countries
        on
            dates.customer_id = countries.customer_id
            and countries.place = 1
    inner join sums
        on dates.customer_id = sums.customer_id

)

select * from final
