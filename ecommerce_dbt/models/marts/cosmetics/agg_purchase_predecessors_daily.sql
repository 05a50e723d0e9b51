{{ config(**monthly('session_month')) }}

{%- set purchase = kind_no('purchase') %}

with

-- A session of purchases alone may still have two checkouts.
sessions as (

    select
        session_key,
        session_source_id,
        user_id,
        session_start_at,
        session_end_at,
        session_date
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and is_valid
        and reached_purchase

),

purchases_without_session as (

    select
        session_date,
        n_purchases
    from {{ ref('int_cosmetics__sessions').render() }}
    where
        {{ in_batch('session_start_at') }}
        and not is_valid
        and reached_purchase

),

{{ session_moments_ctes(sessions=['session_date'], events=['product_id', 'source_row_no']) }},

-- An instant lies in one month's file, so its row numbers are of one file.
followed_moments as (

    select
        session_key,
        session_date,
        moment,
        product_id,
        lag(moment) over (partition by session_key order by moment, source_row_no) as previous_moment,
        lag(product_id) over (partition by session_key order by moment, source_row_no) as previous_product_id
    from session_moments

),

instants as (

    select
        session_key,
        session_date,
        product_id,
        {{ int_div('moment', 4) }} as instant_no,
        {{ moment_kind('moment') }} = {{ purchase }} as is_purchase,
        case when {{ int_div('previous_moment', 4) }} < {{ int_div('moment', 4) }} then previous_moment end
            as moment_before,
        case when {{ int_div('previous_moment', 4) }} < {{ int_div('moment', 4) }} then previous_product_id end
            as product_before
    from followed_moments

),

-- All purchases of one session in one second are one checkout. Only the first event of a second
-- has its predecessor in an earlier one: that is the predecessor of the checkout.
checkouts as (

    select
        session_key,
        session_date,
        instant_no,
        max(moment_before) as moment_before,
        max(product_before) as product_before,
        count(case when is_purchase then 1 end) as n_purchases
    from instants
    group by session_key, session_date, instant_no
    having count(case when is_purchase then 1 end) > 0

),

lines_of_product_before as (

    select
        checkouts.session_key,
        checkouts.instant_no,
        count(*) as n_lines
    from checkouts
    inner join instants
        on
            checkouts.session_key = instants.session_key
            and checkouts.instant_no = instants.instant_no
            and checkouts.product_before = instants.product_id
    where instants.is_purchase
    group by checkouts.session_key, checkouts.instant_no

),

named_checkouts as (

    select
        checkouts.session_date,
        case
            {%- for kind in event_kinds() %}
            when {{ moment_kind('checkouts.moment_before') }} = {{ loop.index0 }} then '{{ kind }}'
            {%- endfor %}
            else 'none'
        end as before_event,
        lines_of_product_before.n_lines is not null as is_same_product,
        checkouts.n_purchases,
        coalesce(lines_of_product_before.n_lines, 0) as n_same_product
    from checkouts
    left join lines_of_product_before
        on
            checkouts.session_key = lines_of_product_before.session_key
            and checkouts.instant_no = lines_of_product_before.instant_no

    union all

    select
        session_date,
        '(no session)' as before_event,
        false as is_same_product,
        n_purchases,
        0 as n_same_product
    from purchases_without_session

),

final as (

    select
        {{ month_of_date('session_date') }} as session_month,
        session_date,
        before_event,
        is_same_product,
        count(*) as checkouts,
        cast(sum(n_purchases) as {{ type_int64() }}) as purchase_events,
        cast(sum(n_same_product) as {{ type_int64() }}) as same_product_purchase_events
    from named_checkouts
    group by session_date, before_event, is_same_product

)

select * from final
