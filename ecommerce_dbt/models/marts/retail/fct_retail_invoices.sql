{{ config(tags=['unpartitioned']) }}

with

lines as (

    select *
    from {{ ref('fct_retail_invoice_lines') }}

),

returned as (

    select
        sale_invoice_no as invoice_no,
        sum(units) as returned_units,
        sum(returned_value) as returned_value
    from {{ ref('fct_retail_return_links') }}
    where
        item_kind = 'item'
        and sale_invoice_no is not null
    group by sale_invoice_no

),

counted as (

    select
        invoice_no,
        min(line_kind) as first_kind,
        max(line_kind) as last_kind,
        min(invoiced_at) as invoiced_at,
        max(invoiced_at) as last_line_at,
        count(distinct invoiced_at) as n_timestamps,
        min(invoice_date) as invoice_date,
        min(invoice_hour) as invoice_hour,
        min(customer_id) as customer_id,
        count(distinct customer_id) as n_customers,
        min(country) as country,
        count(*) as n_lines,
        count(distinct case when is_revenue_line and item_kind = 'item' then stock_code end) as n_items,
        sum(case when is_revenue_line and item_kind = 'item' then quantity else 0 end) as units_sold,
        sum(case when line_kind = 'sale' and item_kind = 'item' then quantity else 0 end) as units_delivered,
        sum(case when is_revenue_line and item_kind = 'item' then line_value else 0 end) as gross_sales,
        sum(case when is_revenue_line and item_kind not in ('item', 'discount') then line_value else 0 end)
            as service_sales,
        sum(line_value) as all_rows_value
    from lines
    group by invoice_no

),

final as (

    select
        counted.invoice_no,
        case
            when counted.first_kind = counted.last_kind then counted.first_kind
            else 'sale'
        end as invoice_kind,
        counted.invoiced_at,
        counted.last_line_at,
        counted.n_timestamps,
        counted.invoice_date,
        counted.invoice_hour,
        counted.customer_id,
        counted.n_customers,
        counted.country,
        counted.n_lines,
        counted.n_items,
        cast(counted.units_sold as {{ type_int64() }}) as units_sold,
        cast(counted.gross_sales as {{ type_money() }}) as gross_sales,
        cast(counted.service_sales as {{ type_money() }}) as service_sales,
        cast(counted.all_rows_value as {{ type_money() }}) as all_rows_value,
        cast(coalesce(returned.returned_units, 0) as {{ type_int64() }}) as returned_units,
        cast(coalesce(returned.returned_value, 0) as {{ type_money() }}) as returned_value,
        cast(counted.gross_sales - coalesce(returned.returned_value, 0) as {{ type_money() }}) as net_sales,
        counted.units_delivered > 0
        and coalesce(returned.returned_units, 0) >= counted.units_delivered as is_fully_cancelled
    from counted
    left join returned
        on counted.invoice_no = returned.invoice_no

)

select * from final
