{{ config(tags=['unpartitioned']) }}

with

lines as (

    select
        *,
        line_kind = 'cancellation' and quantity < 0 as takes_back
    from {{ ref('fct_retail_invoice_lines') }}

),

-- Each line falls under exactly one measure, so that they add up to the value of all rows.
judged as (

    select
        *,
        case
            when item_kind = 'discount' and line_kind in ('sale', 'cancellation') then 'discount'
            when is_revenue_line and item_kind = 'item' then 'gross'
            when is_revenue_line then 'service'
            when takes_back and item_kind = 'item' then 'return'
            when takes_back then 'service_return'
            else 'other'
        end as measure
    from lines

),

by_own_date as (

    select
        invoice_date as sales_date,
        invoice_hour as sales_hour,
        invoice_no,
        stock_code,
        customer_id,
        country,
        measure in ('gross', 'service') as is_order_line,
        case when measure = 'gross' then quantity else 0 end as units_sold,
        case when measure = 'return' then -quantity else 0 end as units_returned,
        case when measure = 'gross' then line_value else 0 end as gross_sales,
        case when measure = 'service' then line_value else 0 end as service_sales,
        case when measure = 'discount' then -line_value else 0 end as discounts,
        case when measure = 'return' then -line_value else 0 end as returns_on_return_date,
        0 as returns_on_order_date,
        case when measure = 'service_return' then -line_value else 0 end as service_returns,
        case when measure = 'other' then line_value else 0 end as other_value,
        line_value as all_rows_value
    from judged

),

-- What came back, on the day that it was ordered; on its own day where no order was found.
by_order_date as (

    select
        coalesce(order_date, return_date) as sales_date,
        coalesce(order_hour, return_hour) as sales_hour,
        cancellation_invoice_no as invoice_no,
        stock_code,
        customer_id,
        country,
        false as is_order_line,
        0 as units_sold,
        0 as units_returned,
        0 as gross_sales,
        0 as service_sales,
        0 as discounts,
        0 as returns_on_return_date,
        returned_value as returns_on_order_date,
        0 as service_returns,
        0 as other_value,
        0 as all_rows_value
    from {{ ref('fct_retail_return_links') }}
    where item_kind = 'item'

),

both_bases as (

    select * from by_own_date
    union all
    select * from by_order_date

),

final as (

    select
        {{ month_start('sales_date') }} as month_date,
        sales_date,
        sales_hour,
        invoice_no,
        stock_code,
        customer_id,
        country,
        is_order_line,
        cast(units_sold as {{ type_int64() }}) as units_sold,
        cast(units_returned as {{ type_int64() }}) as units_returned,
        cast(gross_sales as {{ type_money() }}) as gross_sales,
        cast(service_sales as {{ type_money() }}) as service_sales,
        cast(discounts as {{ type_money() }}) as discounts,
        cast(returns_on_return_date as {{ type_money() }}) as returns_on_return_date,
        cast(returns_on_order_date as {{ type_money() }}) as returns_on_order_date,
        cast(service_returns as {{ type_money() }}) as service_returns,
        cast(other_value as {{ type_money() }}) as other_value,
        cast(all_rows_value as {{ type_money() }}) as all_rows_value
    from both_bases

)

select * from final
