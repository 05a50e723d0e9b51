-- The few figures that the demo prints, one row a month; rates are ratios of sums.
with traffic as (
    select
        date_trunc('month', event_date) as month,
        sum(events) as events,
        sum(exact_duplicate_events) as duplicates
    from cosmetics_marts.agg_daily_traffic
    group by 1
),

sessions as (
    select
        cast(session_month as date) as month,
        count(*) filter (where is_valid) as sessions,
        count(*) filter (where is_valid and n_purchases > 0) as converted,
        count(*) filter (where is_valid and n_carts > 0) as with_cart,
        count(*) filter (where is_valid and is_cart_abandoned) as abandoned
    from cosmetics_marts.fct_sessions
    group by 1
),

users as (
    select
        date_trunc('month', event_date) as month,
        sum(new_users) as new_users
    from cosmetics_marts.agg_daily_new_users
    group by 1
),

sales as (
    select
        date_trunc('month', sales_date) as month,
        sum(gross_sales) as gross_sales,
        sum(aov_num) / nullif(sum(aov_den), 0) as aov
    from cosmetics_marts.agg_sales_daily
    group by 1
)

select
    strftime(traffic.month, '%Y-%m') as month,
    format('{:,}', cast(events as bigint)) as events,
    format('{:.1f} %', 100.0 * duplicates / events) as duplicates,
    format('{:,}', sessions.sessions) as sessions,
    format('{:,}', cast(new_users as bigint)) as "new users",
    format('{:.2f} %', 100.0 * converted / sessions.sessions) as conversion,
    format('{:.1f} %', 100.0 * abandoned / with_cart) as "cart abandoned",
    format('{:,.2f}', cast(gross_sales as double)) as "gross sales",
    format('{:.2f}', cast(aov as double)) as "order value"
from traffic
left join sessions using (month)
left join users using (month)
left join sales using (month)
order by traffic.month
