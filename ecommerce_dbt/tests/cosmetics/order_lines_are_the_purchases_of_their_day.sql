{{ config(meta={'dagster': {'ref': {'name': 'fct_order_lines'}}}) }}

-- fct_order_lines summed over a day = the lines and sales of agg_sales_daily.
with

lines as (

    select
        event_date,
        count(case when price > 0 then 1 end) as revenue_lines,
        count(case when price < 0 then 1 end) as adjustment_lines,
        count(case when price = 0 then 1 end) as zero_price_lines,
        sum(price) as all_rows_value
    from {{ ref('fct_order_lines') }}
    where {{ in_loaded_window('event_at') }}
    group by event_date

),

sales as (

    select
        sales_date,
        revenue_lines,
        adjustment_lines,
        zero_price_lines,
        all_rows_value
    from {{ ref('agg_sales_daily') }}
    where {{ in_loaded_window('event_month') }}

)

select
    sales.sales_date,
    lines.event_date
from sales
full outer join lines
    on sales.sales_date = lines.event_date
where
    sales.sales_date is null
    or sales.revenue_lines <> coalesce(lines.revenue_lines, 0)
    or sales.adjustment_lines <> coalesce(lines.adjustment_lines, 0)
    or sales.zero_price_lines <> coalesce(lines.zero_price_lines, 0)
    or sales.all_rows_value <> coalesce(lines.all_rows_value, 0)
