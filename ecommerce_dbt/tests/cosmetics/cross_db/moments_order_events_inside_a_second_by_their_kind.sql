-- A moment keeps its instant and its kind, orders view < cart < remove_from_cart < purchase inside a
-- second, and stays below every moment of the next; a window's end is part of it.
with

cases as (

    select
        instant,
        {%- for kind in event_kinds() %}
        {{ moment_of('instant', "'" ~ kind ~ "'") }} as {{ kind }}_moment,
        {%- endfor %}
        {{ moment_of('later', "'view'") }} as later_moment
    from (
        select
            cast('2019-10-31 23:59:59+00:00' as {{ type_instant() }}) as instant,
            cast('2019-11-01 00:00:00+00:00' as {{ type_instant() }}) as later
    ) as instants

)

select *
from cases
where
    not (
        view_moment < cart_moment
        and cart_moment < remove_from_cart_moment
        and remove_from_cart_moment < purchase_moment
        and purchase_moment < later_moment
    )
    or {{ moment_kind('remove_from_cart_moment') }} <> {{ kind_no('remove_from_cart') }}
    or {{ moment_instant('purchase_moment') }} <> instant
    or {{ moment_day_no('purchase_moment') }} + 1 <> {{ moment_day_no('later_moment') }}
    or {{ window_end_moment('cart_moment', 0) }} <> purchase_moment
    or later_moment <> {{ batch_end_moment() }}
