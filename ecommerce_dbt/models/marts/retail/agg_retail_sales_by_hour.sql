{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['sales_date', 'sales_hour', 'country']) }},

days as (

    select
        invoice_date,
        {{ days_between(iso_week_start('invoice_date'), 'invoice_date') }} + 1 as weekday_iso,
        min(invoice_hour) as first_hour,
        max(invoice_hour) as last_hour
    from {{ ref('fct_retail_invoice_lines') }}
    group by invoice_date

),

span as (

    select
        min(invoice_date) as first_date,
        max(invoice_date) as last_date
    from days

),

sold as (

    select
        days.weekday_iso,
        sums.sales_hour,
        sum(sums.gross_sales) as gross_sales,
        sum(case when sums.country = 'United Kingdom' then sums.gross_sales else 0 end) as gross_sales_uk,
        sum(sums.net_sales_on_return_date) as net_sales_on_return_date,
        sum(sums.net_sales_on_order_date) as net_sales_on_order_date,
        sum(sums.all_rows_value) as all_rows_value
    from sums
    inner join days
        on sums.sales_date = days.invoice_date
    group by days.weekday_iso, sums.sales_hour

),

-- An hour is observed on every day on which the shop wrote any invoice; on the first day of the data from
-- the hour of its first line on, on the last day up to the hour of its last.
observed as (

    select
        sold_hours.weekday_iso,
        sold_hours.sales_hour,
        count(
            case
                when
                    (days.invoice_date > span.first_date or sold_hours.sales_hour >= days.first_hour)
                    and (days.invoice_date < span.last_date or sold_hours.sales_hour <= days.last_hour)
                    then 1
            end
        ) as hours_observed
    from sold as sold_hours
    inner join days
        on sold_hours.weekday_iso = days.weekday_iso
    cross join span
    group by sold_hours.weekday_iso, sold_hours.sales_hour

),

invoices as (

    select
        days.weekday_iso,
        invoices.invoice_hour as sales_hour,
        count(*) as orders,
        count(case when invoices.country = 'United Kingdom' then 1 end) as orders_uk
    from {{ ref('fct_retail_invoices') }} as invoices
    inner join days
        on invoices.invoice_date = days.invoice_date
    where
        invoices.invoice_kind = 'sale'
        and invoices.gross_sales + invoices.service_sales > 0
    group by days.weekday_iso, invoices.invoice_hour

),

measured as (

    select
        sold.weekday_iso,
        sold.sales_hour,
        observed.hours_observed,
        coalesce(invoices.orders, 0) as orders,
        coalesce(invoices.orders_uk, 0) as orders_uk,
        cast(sold.gross_sales as {{ type_money() }}) as gross_sales,
        cast(sold.gross_sales_uk as {{ type_money() }}) as gross_sales_uk,
        cast(sold.net_sales_on_return_date as {{ type_money() }}) as net_sales_on_return_date,
        cast(sold.net_sales_on_order_date as {{ type_money() }}) as net_sales_on_order_date,
        cast(sold.all_rows_value as {{ type_money() }}) as all_rows_value,
        {{ rounded_ratio('coalesce(invoices.orders, 0)', 'observed.hours_observed') }} as mean_orders
    from sold
    inner join observed
        on
            sold.weekday_iso = observed.weekday_iso
            and sold.sales_hour = observed.sales_hour
    left join invoices
        on
            sold.weekday_iso = invoices.weekday_iso
            and sold.sales_hour = invoices.sales_hour

),

final as (

    select
        *,
        mean_orders = max(mean_orders) over () as is_peak
    from measured

)

select * from final
