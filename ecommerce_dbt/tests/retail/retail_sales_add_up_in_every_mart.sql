{{ config(meta={'dagster': {'ref': {'name': 'agg_retail_sales_daily'}}}) }}

-- Days, months, items, customers, countries and hours hold the same sales: those of the lines; and what
-- was returned is the same on both bases.
with

line_totals as (

    select sum(line_value) as all_rows_value
    from {{ ref('fct_retail_invoice_lines') }}

),

return_bases as (

    select
        sum(returns_on_return_date) as on_return_date,
        sum(returns_on_order_date) as on_order_date
    from {{ ref('agg_retail_sales_daily') }}

),

totals as (

    select
        'daily' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_daily') }}

    union all

    select
        'monthly' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_monthly') }}

    union all

    select
        'by_item' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_by_item') }}

    union all

    select
        'by_customer' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_by_customer') }}

    union all

    select
        'by_country' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_by_country') }}

    union all

    select
        'by_hour' as mart,
        sum(gross_sales) as gross_sales,
        sum(net_sales_on_return_date) as net_sales_on_return_date,
        sum(net_sales_on_order_date) as net_sales_on_order_date,
        sum(all_rows_value) as all_rows_value
    from {{ ref('agg_retail_sales_by_hour') }}

)

select totals.mart
from totals
cross join line_totals
cross join return_bases
inner join totals as by_day
    on by_day.mart = 'daily'
where
    totals.all_rows_value <> line_totals.all_rows_value
    or return_bases.on_return_date <> return_bases.on_order_date
    or totals.gross_sales <> by_day.gross_sales
    or totals.net_sales_on_return_date <> by_day.net_sales_on_return_date
    or totals.net_sales_on_order_date <> by_day.net_sales_on_order_date
    or totals.all_rows_value <> by_day.all_rows_value
