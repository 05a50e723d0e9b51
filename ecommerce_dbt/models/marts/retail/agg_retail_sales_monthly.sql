{{ config(tags=['unpartitioned']) }}

with

{{ retail_sums_cte(['month_date']) }},

{{ retail_order_values_cte(month_start('invoice_date')) }},

days as (

    select
        min(invoice_date) as observed_from,
        max(invoice_date) as observed_to
    from {{ ref('fct_retail_invoice_lines') }}

),

day_counts as (

    select
        {{ month_start('invoice_date') }} as month_date,
        count(distinct invoice_date) as days_observed
    from {{ ref('fct_retail_invoice_lines') }}
    group by {{ month_start('invoice_date') }}

),

-- The shop rests on many days, so a month is judged by its ends: the data begin before it or with its
-- first day, and reach its last.
months as (

    select
        sums.month_date,
        {{ days_between('sums.month_date', plus_months('sums.month_date', 1)) }} as days_in_month,
        coalesce(day_counts.days_observed, 0) as days_observed,
        days.observed_from <= sums.month_date
        and days.observed_to >= {{ plus_days(plus_months('sums.month_date', 1), -1) }} as month_complete,
        {{ retail_sum_columns() }},
        {{ retail_order_value_columns() }}
    from sums
    cross join days
    left join day_counts
        on sums.month_date = day_counts.month_date
    left join order_values
        on sums.month_date = order_values.order_period

),

final as (

    select
        months.*,
        cast(
            months.net_sales_on_return_date - month_before.net_sales_on_return_date as {{ type_money() }}
        ) as growth_month_num,
        month_before.net_sales_on_return_date as growth_month_den,
        months.month_complete and coalesce(month_before.month_complete, false) as growth_month_complete,
        cast(
            months.net_sales_on_return_date - year_before.net_sales_on_return_date as {{ type_money() }}
        ) as growth_year_num,
        year_before.net_sales_on_return_date as growth_year_den,
        months.month_complete and coalesce(year_before.month_complete, false) as growth_year_complete
    from months
    left join months as month_before
        on months.month_date = {{ plus_months('month_before.month_date', 1) }}
    left join months as year_before
        on months.month_date = {{ plus_months('year_before.month_date', 12) }}

)

select * from final
