{{ config(tags=['unpartitioned']) }}

{#- A pair is kept from 1 basket of 100 of its country on. -#}
{%- set one_of = 100 %}
{%- set everywhere = "'(all countries)'" %}

with

-- As others publish such figures: every invoice with a quantity above 0 is a basket, whatever it holds and
-- however little.
lines as (

    select
        country,
        invoice_no,
        invoice_date,
        stock_code,
        item_kind
    from {{ ref('fct_retail_invoice_lines') }}
    where quantity > 0

),

all_lines as (

    select
        country,
        invoice_no,
        invoice_date,
        stock_code,
        item_kind
    from lines

    union all

    select
        {{ everywhere }} as country,
        invoice_no,
        invoice_date,
        stock_code,
        item_kind
    from lines

),

baskets as (

    select
        country,
        count(distinct invoice_no) as n_baskets,
        min(invoice_date) as window_start_date,
        max(invoice_date) as window_end_date
    from all_lines
    group by country

),

basket_items as (

    select distinct
        country,
        invoice_no,
        stock_code
    from all_lines
    where item_kind = 'item'

),

item_counts as (

    select
        country,
        stock_code,
        count(*) as n_baskets
    from basket_items
    group by country, stock_code

),

-- No pair is in more baskets than either of its items.
frequent_items as (

    select
        basket_items.country,
        basket_items.invoice_no,
        basket_items.stock_code
    from basket_items
    inner join item_counts
        on
            basket_items.country = item_counts.country
            and basket_items.stock_code = item_counts.stock_code
    inner join baskets
        on basket_items.country = baskets.country
    where
        item_counts.n_baskets * {{ one_of }} >= baskets.n_baskets
        and item_counts.n_baskets >= {{ least_baskets_of_a_pair() }}

),

pairs as (

    select
        lhs.country,
        lhs.stock_code as lhs_stock_code,
        rhs.stock_code as rhs_stock_code,
        count(*) as n_both
    from frequent_items as lhs
    inner join frequent_items as rhs
        on
            lhs.country = rhs.country
            and lhs.invoice_no = rhs.invoice_no
            and lhs.stock_code <> rhs.stock_code
    group by lhs.country, lhs.stock_code, rhs.stock_code

),

items as (

    select
        stock_code,
        description
    from {{ ref('dim_retail_item') }}

),

final as (

    select
        pairs.country,
        pairs.lhs_stock_code,
        pairs.rhs_stock_code,
        lhs_items.description as lhs_description,
        rhs_items.description as rhs_description,
        baskets.n_baskets,
        lhs.n_baskets as n_lhs,
        rhs.n_baskets as n_rhs,
        pairs.n_both,
        {{ rounded_ratio('pairs.n_both', 'baskets.n_baskets', digits=9) }} as support, -- noqa: RF04
        {{ rounded_ratio('pairs.n_both', 'lhs.n_baskets') }} as confidence,
        {{ rounded_ratio('pairs.n_both * baskets.n_baskets', 'lhs.n_baskets * rhs.n_baskets') }} as lift,
        baskets.window_start_date,
        baskets.window_end_date
    from pairs
    inner join baskets
        on pairs.country = baskets.country
    inner join item_counts as lhs
        on
            pairs.country = lhs.country
            and pairs.lhs_stock_code = lhs.stock_code
    inner join item_counts as rhs
        on
            pairs.country = rhs.country
            and pairs.rhs_stock_code = rhs.stock_code
    inner join items as lhs_items
        on pairs.lhs_stock_code = lhs_items.stock_code
    inner join items as rhs_items
        on pairs.rhs_stock_code = rhs_items.stock_code
    where
        pairs.n_both * {{ one_of }} >= baskets.n_baskets
        and pairs.n_both >= {{ least_baskets_of_a_pair() }}

)

select * from final
