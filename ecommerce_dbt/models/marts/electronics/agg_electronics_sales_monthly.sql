{{ config(tags=['unpartitioned']) }}

with

days as (

    select *
    from {{ ref('agg_electronics_sales_daily') }}

),

span as (

    select last_complete_date
    from {{ ref('int_electronics__observed_span') }}

),

months as (

    select
        {{ month_start('sales_date') }} as month_date,
        count(*) as days_observed,
        sum(orders) as orders,
        sum(order_lines) as order_lines,
        sum(units) as units,
        sum(gross_sales) as gross_sales,
        sum(adjustment_value) as adjustment_value,
        sum(net_sales) as net_sales,
        sum(aov_gross_num) as aov_gross_num,
        sum(aov_gross_den) as aov_gross_den,
        sum(aov_net_num) as aov_net_num,
        sum(aov_net_den) as aov_net_den
    from days
    group by {{ month_start('sales_date') }}

),

judged as (

    select
        months.*,
        {{ days_between('months.month_date', plus_months('months.month_date', 1)) }} as days_in_month,
        months.days_observed = {{ days_between('months.month_date', plus_months('months.month_date', 1)) }}
        and coalesce(span.last_complete_date >= {{ plus_days(plus_months('months.month_date', 1), -1) }}, false)
            as month_complete
    from months
    cross join span

),

final as (

    select
        judged.month_date,
        judged.days_in_month,
        judged.days_observed,
        judged.month_complete,
        cast(judged.orders as {{ type_int64() }}) as orders,
        cast(judged.order_lines as {{ type_int64() }}) as order_lines,
        cast(judged.units as {{ type_int64() }}) as units,
        cast(judged.gross_sales as {{ type_money() }}) as gross_sales,
        cast(judged.adjustment_value as {{ type_money() }}) as adjustment_value,
        cast(judged.net_sales as {{ type_money() }}) as net_sales,
        cast(judged.aov_gross_num as {{ type_money() }}) as aov_gross_num,
        cast(judged.aov_gross_den as {{ type_int64() }}) as aov_gross_den,
        cast(judged.aov_net_num as {{ type_money() }}) as aov_net_num,
        cast(judged.aov_net_den as {{ type_int64() }}) as aov_net_den,
        cast(judged.net_sales - previous.net_sales as {{ type_money() }}) as growth_num,
        cast(previous.net_sales as {{ type_money() }}) as growth_den,
        judged.month_complete and coalesce(previous.month_complete, false) as growth_of_complete_months
    from judged
    left join judged as previous
        on judged.month_date = {{ plus_months('previous.month_date', 1) }}

)

select * from final
