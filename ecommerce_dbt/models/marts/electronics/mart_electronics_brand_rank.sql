{{ config(tags=['unpartitioned']) }}

with

as_of_dates as (

    select *
    from {{ ref('int_electronics__as_of_dates') }}

),

span as (

    select observed_from
    from {{ ref('int_electronics__observed_span') }}

),

brand_days as (

    select *
    from {{ ref('int_electronics__brand_days') }}

),

customer_days as (

    select
        brand,
        sales_date,
        lead(sales_date) over (partition by brand, user_id order by sales_date) as next_date
    from {{ ref('int_electronics__brand_customer_days') }}

),

sales_days as (

    select sales_date
    from {{ ref('agg_electronics_sales_daily') }}

),

sizes as (

    {%- for weeks in [4, 12, 24, 52] %}

    select cast({{ weeks }} as {{ type_int64() }}) as window_weeks
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- Each window and the one of the same length just before it.
window_ends as (

    select
        as_of_dates.as_of_date as window_end,
        sizes.window_weeks
    from as_of_dates
    cross join sizes

    union distinct

    select
        {{ plus_days('as_of_dates.as_of_date', '(-7 * sizes.window_weeks)') }} as window_end,
        sizes.window_weeks
    from as_of_dates
    cross join sizes

),

windows as (

    select
        window_end,
        window_weeks,
        {{ plus_days('window_end', '(1 - 7 * window_weeks)') }} as window_start
    from window_ends

),

observed as (

    select
        windows.window_end,
        windows.window_weeks,
        count(*) as days_observed
    from windows
    inner join sales_days
        on
            windows.window_start <= sales_days.sales_date
            and windows.window_end >= sales_days.sales_date
    group by windows.window_end, windows.window_weeks

),

brand_windows as (

    select
        windows.window_end,
        windows.window_weeks,
        brand_days.brand,
        sum(brand_days.units) as units,
        sum(brand_days.orders) as orders,
        sum(brand_days.gross_sales) as gross_sales,
        sum(brand_days.net_sales) as net_sales
    from windows
    inner join brand_days
        on
            windows.window_start <= brand_days.sales_date
            and windows.window_end >= brand_days.sales_date
    group by windows.window_end, windows.window_weeks, brand_days.brand
    having sum(brand_days.units) > 0

),

ranked as (

    select
        *,
        case
            when brand <> {{ unknown_member() }}
                then rank() over (
                    partition by window_end, window_weeks, brand = {{ unknown_member() }}
                    order by net_sales desc
                )
        end as rank_net,
        sum(net_sales) over (partition by window_end, window_weeks) as total_net_sales,
        sum(case when brand = {{ unknown_member() }} then net_sales else 0 end) over (
            partition by window_end, window_weeks
        ) as unknown_net_sales
    from brand_windows

),

-- A customer's day counts in the windows in which it is the last of the customer and brand: from the day
-- itself until the next one, or until the window has left it behind. The sum of what came in and went
-- out until a date is the number of distinct customers then.
customer_changes as (

    select
        customer_days.brand,
        sizes.window_weeks,
        customer_days.sales_date as changed_on,
        1 as n_customers
    from customer_days
    cross join sizes

    union all

    select
        customer_days.brand,
        sizes.window_weeks,
        least(
            coalesce(customer_days.next_date, {{ plus_days('customer_days.sales_date', '(7 * sizes.window_weeks)') }}),
            {{ plus_days('customer_days.sales_date', '(7 * sizes.window_weeks)') }}
        ) as changed_on,
        -1 as n_customers
    from customer_days
    cross join sizes

),

customer_change_days as (

    select
        brand,
        window_weeks,
        changed_on,
        sum(n_customers) as customers
    from customer_changes
    group by brand, window_weeks, changed_on

),

customers as (

    select
        as_of_dates.as_of_date,
        customer_change_days.window_weeks,
        customer_change_days.brand,
        sum(customer_change_days.customers) as customers_known
    from as_of_dates
    inner join customer_change_days
        on as_of_dates.as_of_date >= customer_change_days.changed_on
    group by as_of_dates.as_of_date, customer_change_days.window_weeks, customer_change_days.brand

),

joined as (

    select
        as_of_dates.as_of_date,
        as_of_dates.is_week_end,
        as_of_dates.is_latest,
        ranked.*,
        windows.window_start,
        coalesce(observed.days_observed, 0) as days_observed,
        span.observed_from
        <= {{ plus_days('windows.window_start', '(-7 * windows.window_weeks)') }} as previous_observed,
        previous.rank_net as previous_rank,
        coalesce(customers.customers_known, 0) as customers_known
    from ranked
    inner join as_of_dates
        on ranked.window_end = as_of_dates.as_of_date
    inner join windows
        on
            ranked.window_end = windows.window_end
            and ranked.window_weeks = windows.window_weeks
    cross join span
    left join observed
        on
            ranked.window_end = observed.window_end
            and ranked.window_weeks = observed.window_weeks
    left join ranked as previous
        on
            {{ plus_days('ranked.window_end', '(-7 * ranked.window_weeks)') }} = previous.window_end
            and ranked.window_weeks = previous.window_weeks
            and ranked.brand = previous.brand
    left join customers
        on
            ranked.window_end = customers.as_of_date
            and ranked.window_weeks = customers.window_weeks
            and ranked.brand = customers.brand

),

final as (

    select
        as_of_date,
        is_week_end,
        is_latest,
        window_weeks,
        window_start as window_start_date,
        brand,
        brand = {{ unknown_member() }} as is_unknown,
        cast(gross_sales as {{ type_money() }}) as gross_sales,
        cast(net_sales as {{ type_money() }}) as net_sales,
        cast(units as {{ type_int64() }}) as units,
        cast(orders as {{ type_int64() }}) as orders,
        cast(customers_known as {{ type_int64() }}) as customers_known,
        rank_net,
        case when previous_observed then previous_rank end as rank_prev_window,
        case when previous_observed then previous_rank - rank_net end as rank_change,
        cast(net_sales as {{ type_money() }}) as share_num,
        cast(total_net_sales as {{ type_money() }}) as share_den,
        cast(unknown_net_sales as {{ type_money() }}) as unknown_brand_num,
        cast(total_net_sales as {{ type_money() }}) as unknown_brand_den,
        7 * window_weeks as window_days_expected,
        days_observed as window_days_observed,
        days_observed = 7 * window_weeks as window_complete,
        previous_observed as previous_window_observed
    from joined

)

select * from final
