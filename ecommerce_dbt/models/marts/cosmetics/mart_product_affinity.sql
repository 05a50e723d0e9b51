{{ config(tags=['unpartitioned']) }}

with

baskets as (

    select
        min(first_order_date) as window_start_date,
        max(last_order_date) as window_end_date,
        sum(n_baskets) as n_baskets,
        sum(pair_occurrences) as pair_occurrences
    from {{ ref('agg_baskets_monthly') }}

),

-- What is not frequent in any month is not frequent over all of them, so the other pairs, which are
-- a hundred times as many where months are large, are never counted.
frequent_pairs as (

    select
        first_product_id,
        second_product_id,
        sum(n_both) as n_both,
        count(*) as n_months
    from {{ ref('int_cosmetics__product_pair_months') }}
    where is_frequent
    group by first_product_id, second_product_id

),

-- The months in which these pairs were not frequent. Where months are small every month of a pair is
-- a frequent one, and nothing is left to look up here.
other_months as (

    select
        pair_months.first_product_id,
        pair_months.second_product_id,
        sum(pair_months.n_both) as n_both,
        count(*) as n_months
    from {{ ref('int_cosmetics__product_pair_months') }} as pair_months
    inner join frequent_pairs
        on
            pair_months.first_product_id = frequent_pairs.first_product_id
            and pair_months.second_product_id = frequent_pairs.second_product_id
    where not pair_months.is_frequent
    group by pair_months.first_product_id, pair_months.second_product_id

),

pairs as (

    select
        frequent_pairs.first_product_id,
        frequent_pairs.second_product_id,
        frequent_pairs.n_both + coalesce(other_months.n_both, 0) as n_both,
        frequent_pairs.n_months + coalesce(other_months.n_months, 0) as months_together,
        frequent_pairs.n_months as months_frequent
    from frequent_pairs
    left join other_months
        on
            frequent_pairs.first_product_id = other_months.first_product_id
            and frequent_pairs.second_product_id = other_months.second_product_id

),

kept_pairs as (

    select
        pairs.first_product_id,
        pairs.second_product_id,
        pairs.n_both,
        pairs.months_together,
        pairs.months_frequent
    from pairs
    cross join baskets
    where
        pairs.n_both >= {{ least_baskets_of_a_pair() }}
        and {{ is_frequent_pair('pairs.n_both', 'baskets.n_baskets') }}

),

rules as (

    select
        first_product_id as lhs_product_id,
        second_product_id as rhs_product_id,
        n_both,
        months_together,
        months_frequent
    from kept_pairs

    union all

    select
        second_product_id as lhs_product_id,
        first_product_id as rhs_product_id,
        n_both,
        months_together,
        months_frequent
    from kept_pairs

),

basket_products as (

    select
        product_id,
        sum(n_baskets) as n_baskets
    from {{ ref('int_cosmetics__product_basket_months') }}
    group by product_id

),

kept_products as (

    select distinct lhs_product_id as product_id
    from rules

),

products as (

    select
        months.product_id,
        min(nullif(months.brand, {{ unknown_member() }})) as brand,
        min(nullif(months.category_code, {{ unknown_member() }})) as category_code,
        min(months.category_id) as category_id
    from {{ ref('agg_product_monthly') }} as months
    inner join kept_products
        on months.product_id = kept_products.product_id
    group by months.product_id

),

counted as (

    select
        rules.lhs_product_id,
        rules.rhs_product_id,
        rules.months_together,
        rules.months_frequent,
        baskets.window_start_date,
        baskets.window_end_date,
        cast(baskets.n_baskets as {{ type_int64() }}) as n_baskets,
        cast(baskets.pair_occurrences as {{ type_int64() }}) as pair_occurrences,
        cast(lhs.n_baskets as {{ type_int64() }}) as n_lhs,
        cast(rhs.n_baskets as {{ type_int64() }}) as n_rhs,
        cast(rules.n_both as {{ type_int64() }}) as n_both
    from rules
    cross join baskets
    inner join basket_products as lhs
        on rules.lhs_product_id = lhs.product_id
    inner join basket_products as rhs
        on rules.rhs_product_id = rhs.product_id

),

-- One division each, of whole numbers: nothing is rounded before the end.
measured as (

    select
        *,
        {{ rounded_ratio('n_both', 'n_baskets', digits=9) }} as support, -- noqa: RF04
        {{ rounded_ratio('n_both', 'n_lhs') }} as confidence,
        {{ rounded_ratio('n_both * n_baskets', 'n_lhs * n_rhs') }} as lift,
        {{ rounded_ratio('n_both * n_baskets - n_lhs * n_rhs', 'n_baskets * n_baskets', digits=9) }} as leverage,
        {{ rounded_ratio('(n_baskets - n_rhs) * n_lhs', 'n_baskets * (n_lhs - n_both)') }} as conviction,
        {{ rounded_ratio('n_both', 'n_lhs + n_rhs - n_both') }} as jaccard
    from counted

),

-- Both directions of a pair share their ranks over all pairs, so each pair counts once.
ranked_pairs as (

    select
        lhs_product_id,
        rhs_product_id,
        rank() over (order by n_both desc) as rank_by_baskets,
        rank() over (order by lift desc) as rank_by_lift,
        sum(n_both) over () as kept_occurrences
    from measured
    where lhs_product_id < rhs_product_id

),

final as (

    select
        measured.lhs_product_id,
        measured.rhs_product_id,
        coalesce(lhs.brand, {{ unknown_member() }}) as lhs_brand,
        coalesce(rhs.brand, {{ unknown_member() }}) as rhs_brand,
        lhs.category_id as lhs_category_id,
        rhs.category_id as rhs_category_id,
        coalesce(lhs.category_code, {{ unknown_member() }}) as lhs_category_code,
        coalesce(rhs.category_code, {{ unknown_member() }}) as rhs_category_code,
        measured.n_baskets,
        measured.n_lhs,
        measured.n_rhs,
        measured.n_both,
        measured.support,
        measured.confidence,
        measured.lift,
        measured.leverage,
        measured.conviction,
        measured.jaccard,
        ranked_pairs.rank_by_baskets,
        ranked_pairs.rank_by_lift,
        rank() over (
            partition by measured.lhs_product_id
            order by measured.n_both desc
        ) as rank_in_lhs,
        measured.months_together,
        measured.months_frequent,
        measured.window_start_date,
        measured.window_end_date,
        cast(ranked_pairs.kept_occurrences as {{ type_int64() }}) as kept_share_num,
        measured.pair_occurrences as kept_share_den
    from measured
    inner join ranked_pairs
        on
            least(measured.lhs_product_id, measured.rhs_product_id) = ranked_pairs.lhs_product_id
            and greatest(measured.lhs_product_id, measured.rhs_product_id) = ranked_pairs.rhs_product_id
    inner join products as lhs
        on measured.lhs_product_id = lhs.product_id
    inner join products as rhs
        on measured.rhs_product_id = rhs.product_id

)

select * from final
