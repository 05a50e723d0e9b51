{{ config(tags=['unpartitioned']) }}

{#- A pair is kept from 1 basket of 200 on: rarer ones are chance, and grow with the square of a basket. -#}
{%- set one_of = 200 %}

with

basket_items as (

    select
        invoice_no,
        stock_code,
        invoice_date
    from {{ ref('fct_retail_basket') }}

),

baskets as (

    select
        count(distinct invoice_no) as n_baskets,
        min(invoice_date) as window_start_date,
        max(invoice_date) as window_end_date
    from basket_items

),

item_counts as (

    select
        stock_code,
        count(*) as n_baskets
    from basket_items
    group by stock_code

),

-- No pair is in more baskets than either of its items.
frequent_items as (

    select
        basket_items.invoice_no,
        basket_items.stock_code
    from basket_items
    inner join item_counts
        on basket_items.stock_code = item_counts.stock_code
    cross join baskets
    where
        item_counts.n_baskets * {{ one_of }} >= baskets.n_baskets
        and item_counts.n_baskets >= {{ least_baskets_of_a_pair() }}

),

pairs as (

    select
        lhs.stock_code as first_code,
        rhs.stock_code as second_code,
        count(*) as n_both
    from frequent_items as lhs
    inner join frequent_items as rhs
        on
            lhs.invoice_no = rhs.invoice_no
            and lhs.stock_code < rhs.stock_code
    group by lhs.stock_code, rhs.stock_code

),

kept_pairs as (

    select pairs.*
    from pairs
    cross join baskets
    where
        pairs.n_both * {{ one_of }} >= baskets.n_baskets
        and pairs.n_both >= {{ least_baskets_of_a_pair() }}

),

rules as (

    select
        first_code as lhs_stock_code,
        second_code as rhs_stock_code,
        n_both
    from kept_pairs

    union all

    select
        second_code as lhs_stock_code,
        first_code as rhs_stock_code,
        n_both
    from kept_pairs

),

counted as (

    select
        rules.lhs_stock_code,
        rules.rhs_stock_code,
        baskets.window_start_date,
        baskets.window_end_date,
        baskets.n_baskets,
        lhs.n_baskets as n_lhs,
        rhs.n_baskets as n_rhs,
        rules.n_both
    from rules
    cross join baskets
    inner join item_counts as lhs
        on rules.lhs_stock_code = lhs.stock_code
    inner join item_counts as rhs
        on rules.rhs_stock_code = rhs.stock_code

),

items as (

    select
        stock_code,
        description
    from {{ ref('dim_retail_item') }}

),

final as (

    select
        counted.lhs_stock_code,
        counted.rhs_stock_code,
        lhs.description as lhs_description,
        rhs.description as rhs_description,
        counted.n_baskets,
        counted.n_lhs,
        counted.n_rhs,
        counted.n_both,
        {{ rounded_ratio('counted.n_both', 'counted.n_baskets', digits=9) }} as support, -- noqa: RF04
        {{ rounded_ratio('counted.n_both', 'counted.n_lhs') }} as confidence,
        {{ rounded_ratio('counted.n_both * counted.n_baskets', 'counted.n_lhs * counted.n_rhs') }} as lift,
        {{ rounded_ratio(
            'counted.n_both * counted.n_baskets - counted.n_lhs * counted.n_rhs',
            'counted.n_baskets * counted.n_baskets',
            digits=9
        ) }} as leverage,
        {{ rounded_ratio(
            '(counted.n_baskets - counted.n_rhs) * counted.n_lhs',
            'counted.n_baskets * (counted.n_lhs - counted.n_both)'
        ) }} as conviction,
        {{ rounded_ratio('counted.n_both', 'counted.n_lhs + counted.n_rhs - counted.n_both') }} as jaccard,
        counted.window_start_date,
        counted.window_end_date
    from counted
    inner join items as lhs
        on counted.lhs_stock_code = lhs.stock_code
    inner join items as rhs
        on counted.rhs_stock_code = rhs.stock_code

)

select * from final
