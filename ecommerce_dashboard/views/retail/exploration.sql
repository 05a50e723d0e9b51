-- name: kinds
select
    line_kind,
    item_kind,
    count(*) as line_count,
    sum(quantity) as units,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
group by line_kind, item_kind
order by line_kind, line_count desc, item_kind

-- name: special_codes
select
    stock_code,
    item_kind,
    count(*) as line_count,
    sum(line_value) as line_value
from retail_marts.fct_retail_invoice_lines
where item_kind <> 'item'
group by stock_code, item_kind
order by line_count desc, stock_code

-- name: item_names
-- Items by what the source calls them: spellings of their code, descriptions at a price.
select
    stock_code,
    description,
    item_kind,
    n_spellings,
    n_descriptions,
    n_lines
from retail_marts.dim_retail_item
where n_spellings > 1 or n_descriptions > 1
order by n_descriptions desc, n_spellings desc, stock_code

-- name: daily
select
    sales_date,
    orders,
    all_rows_value,
    net_sales_on_return_date
from retail_marts.agg_retail_sales_daily
order by sales_date

-- name: top_spend_items
select
    stock_code,
    description,
    sum(all_rows_value) as all_rows_value
from retail_marts.agg_retail_sales_by_item
group by stock_code, description
order by all_rows_value desc, stock_code
limit 10

-- name: hours
select
    weekday_iso,
    sales_hour,
    hours_observed,
    orders,
    orders_uk,
    gross_sales,
    gross_sales_uk,
    mean_orders,
    is_peak
from retail_marts.agg_retail_sales_by_hour
order by weekday_iso, sales_hour

-- name: quantiles
-- The least value that a share of all lines does not exceed, which every engine finds alike.
with measured as (
    select 'quantity' as measure, quantity as x
    from retail_marts.fct_retail_invoice_lines
    union all
    select 'unit price' as measure, unit_price as x
    from retail_marts.fct_retail_invoice_lines
    union all
    select 'line value' as measure, line_value as x
    from retail_marts.fct_retail_invoice_lines
),

ranked as (
    select
        measure,
        x,
        row_number() over (partition by measure order by x) as place,
        count(*) over (partition by measure) as line_count
    from measured
)

select
    measure,
    max(line_count) as line_count,
    min(x) as smallest,
    min(case when place >= 0.05 * line_count then x end) as p05,
    min(case when place >= 0.25 * line_count then x end) as p25,
    min(case when place >= 0.5 * line_count then x end) as p50,
    min(case when place >= 0.75 * line_count then x end) as p75,
    min(case when place >= 0.95 * line_count then x end) as p95,
    max(x) as largest
from ranked
group by measure
order by measure

-- name: scatter
-- A sample of the lines, the same at every look (their keys are hashes), and the 200 of most value.
with ranked as (
    select
        line_key,
        quantity,
        unit_price,
        line_value,
        row_number() over (order by line_key) as sample_place,
        row_number() over (order by abs(line_value) desc, line_key) as value_place
    from retail_marts.fct_retail_invoice_lines
)

select
    quantity,
    unit_price,
    line_value,
    case when value_place <= 200 then 'most value' else 'sample' end as drawn_as
from ranked
where
    sample_place <= 1500
    or value_place <= 200
order by line_key

-- name: nulls
-- As delivered by the primary source, before anything is filled in.
select
    count(*) as all_rows,
    sum(case when description is null then 1 else 0 end) as without_description,
    sum(case when customer_id_delivered is null then 1 else 0 end) as without_customer,
    sum(case when customer_id is null then 1 else 0 end) as without_known_customer,
    sum(case when quantity < 0 then 1 else 0 end) as negative_quantity,
    sum(case when unit_price < 0 then 1 else 0 end) as negative_price,
    sum(case when unit_price = 0 then 1 else 0 end) as zero_price,
    sum(case when is_exact_duplicate then 1 else 0 end) as exact_duplicates
from retail_staging.stg_retail__invoice_lines
