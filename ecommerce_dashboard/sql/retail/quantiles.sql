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
