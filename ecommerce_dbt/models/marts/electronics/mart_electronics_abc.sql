{{ config(**monthly('event_month', cluster_by=['product_id'])) }}

with

lines as (

    select
        product_id,
        category_code,
        brand,
        purchase_date,
        quantity,
        line_value
    from {{ ref('fct_electronics_order_lines').render() }}
    where {{ in_batch('purchased_at') }}

),

-- The days on which the store sold anything: a product's missing days among them are days of demand 0.
shop as (

    select count(distinct purchase_date) as days_observed
    from lines

),

product_days as (

    select
        product_id,
        purchase_date,
        min(brand) as brand,
        min(category_code) as category_code,
        sum(quantity) as units,
        sum(case when line_value > 0 then line_value else 0 end) as gross_sales
    from lines
    group by product_id, purchase_date

),

products as (

    select
        product_id,
        min(brand) as brand,
        min(category_code) as category_code,
        count(*) as days_sold,
        sum(units) as units,
        sum(units * units) as squared_units,
        sum(gross_sales) as gross_sales
    from product_days
    group by product_id

),

ordered as (

    select
        *,
        row_number() over (order by gross_sales desc, product_id asc) as sales_place,
        count(*) over () as products_in_month,
        sum(gross_sales) over () as month_sales,
        sum(gross_sales) over (
            order by gross_sales desc, product_id asc
            rows between unbounded preceding and current row
        ) as cumulative_sales
    from products

),

final as (

    select
        {{ batch_month() }} as event_month,
        ordered.product_id,
        coalesce(ordered.brand, {{ unknown_member() }}) as brand,
        coalesce(ordered.category_code, {{ unknown_member() }}) as category_code,
        ordered.days_sold,
        shop.days_observed,
        cast(ordered.units as {{ type_int64() }}) as units,
        cast(ordered.squared_units as {{ type_int64() }}) as squared_daily_units,
        cast(ordered.gross_sales as {{ type_money() }}) as gross_sales,
        ordered.sales_place,
        ordered.products_in_month,
        cast(ordered.cumulative_sales as {{ type_money() }}) as cumulative_share_num,
        cast(ordered.month_sales as {{ type_money() }}) as cumulative_share_den,
        case
            when ordered.sales_place <= {{ nearest_rank(5, 'ordered.products_in_month') }} then 'A'
            when ordered.sales_place <= {{ nearest_rank(20, 'ordered.products_in_month') }} then 'B'
            else 'C'
        end as class_by_products,
        case
            when 100 * (ordered.cumulative_sales - ordered.gross_sales) < 80 * ordered.month_sales then 'A'
            when 100 * (ordered.cumulative_sales - ordered.gross_sales) < 95 * ordered.month_sales then 'B'
            else 'C'
        end as class_by_sales,
        case
            when shop.days_observed > 1
                then round(
                    sqrt(
                        cast(
                            shop.days_observed
                            * (shop.days_observed * ordered.squared_units - ordered.units * ordered.units)
                            as {{ type_double() }}
                        ) / (shop.days_observed - 1)
                    ) / cast(ordered.units as {{ type_double() }}),
                    6
                )
        end as demand_cv
    from ordered
    cross join shop

)

select * from final
