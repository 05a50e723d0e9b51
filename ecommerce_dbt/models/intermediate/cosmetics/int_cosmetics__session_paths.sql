{{ config(**monthly('session_start_at', cluster_by=['user_id'])) }}

{%- set view, cart, purchase = kind_no('view'), kind_no('cart'), kind_no('purchase') %}
{%- set pairs = [] %}
{%- for from_kind in event_kinds() %}
{%- for to_kind in event_kinds() %}
{%- do pairs.append([from_kind, to_kind]) %}
{%- endfor %}
{%- endfor %}

with

-- Only sessions with more than one kind of event: the others have no order to look for.
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
        and n_events > n_views
        and n_events > n_carts
        and n_events > n_removes
        and n_events > n_purchases

),

{{ session_moments_ctes() }},

followed_moments as (

    select
        session_key,
        moment,
        lag(moment) over (partition by session_key order by moment) as previous_moment,
        lag(moment, 2) over (partition by session_key order by moment) as moment_before_previous
    from session_moments

),

kinds as (

    select
        session_key,
        moment,
        previous_moment,
        moment_before_previous,
        {{ moment_kind('moment') }} as kind_no,
        {{ moment_kind('previous_moment') }} as previous_kind_no,
        {{ moment_kind('moment_before_previous') }} as kind_no_before_previous
    from followed_moments

),

-- The earliest view directly followed by a cart, and the earliest directly followed by a cart and a
-- purchase: places only rise along the list, so each minimum belongs to the same three events.
paths as (

    select
        session_key,
        {%- for from_kind, to_kind in pairs %}
        count(
            case when previous_kind_no = {{ kind_no(from_kind) }} and kind_no = {{ kind_no(to_kind) }} then 1 end
        ) as n_{{ from_kind }}_to_{{ to_kind }},
        {%- endfor %}
        {%- for step, before in [('previous_moment', 'pair_view'), ('moment', 'pair_cart')] %}
        min(
            case when kind_no = {{ cart }} and previous_kind_no = {{ view }} then {{ step }} end
        ) as {{ before }}_moment,
        {%- endfor %}
        {%- for step, name in [
            ('moment_before_previous', 'triple_view'), ('previous_moment', 'triple_cart'), ('moment', 'triple_purchase')
        ] %}
        min(
            case
                when
                    kind_no = {{ purchase }}
                    and previous_kind_no = {{ cart }}
                    and kind_no_before_previous = {{ view }}
                    then {{ step }}
            end
        ) as {{ name }}_moment,
        {%- endfor %}
        min(moment) as first_moment,
        max(moment) as last_moment,
        max(case when kind_no = {{ cart }} then moment end) as last_cart_moment,
        max(case when kind_no = {{ purchase }} then moment end) as last_purchase_moment
    from kinds
    group by session_key

),

final as (

    select
        sessions.session_key,
        sessions.user_id,
        sessions.session_start_at,
        sessions.session_date,
        {%- for from_kind, to_kind in pairs %}
        paths.n_{{ from_kind }}_to_{{ to_kind }},
        {%- endfor %}
        {{ moment_kind('paths.first_moment') }} as first_kind_no,
        {{ moment_kind('paths.last_moment') }} as last_kind_no,
        coalesce(
            paths.last_cart_moment > coalesce(paths.last_purchase_moment, 0),
            false
        ) as has_cart_left_open,
        {{ moment_instant('coalesce(paths.triple_view_moment, paths.pair_view_moment)') }} as strict_view_at,
        {{ moment_instant('coalesce(paths.triple_cart_moment, paths.pair_cart_moment)') }} as strict_cart_at,
        {{ moment_instant('paths.triple_purchase_moment') }} as strict_purchase_at
    from paths
    inner join sessions
        on paths.session_key = sessions.session_key

)

select * from final
