"""What the simulated shop planted is what the marts find.

Definitions meet except in one place: the shop's session is a session id with the events of all its
users, ours is one user within it, cut where more than 24 hours lie between two events. Both sides
are compared exactly: put together again our sessions are the shop's, and the marts differ from them
by the pieces of the sessions that were cut, and by nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ecommerce_assets.domains.cosmetics.simulator.truth import MonthTruth, read_truths
from ecommerce_assets_tests.pipeline.shop import MONTHS, Shop
from ecommerce_assets_tests.pipeline.tables import query

# `ops.truths` compares the planted figures in every run of test_truths.py.
pytestmark = pytest.mark.full

#: Enough for every weekday to have orders by day: an hour without any then says something.
EVENTS = 80_000
#: Steps of the ordered funnel over rows that each have the three instants.
STEPS = (
    "count(first_view_at), count(case when first_cart_at >= first_view_at then 1 end), "
    "count(case when first_cart_at >= first_view_at and first_purchase_at >= first_cart_at "
    "then 1 end)"
)
#: Our sessions put together to the shop's: by session id, whoever the user, however long the gap.
WHOLE = """(
    select
        session_source_id,
        min(session_start_at) as session_start_at,
        min(first_view_at) as first_view_at,
        min(first_cart_at) as first_cart_at,
        min(first_purchase_at) as first_purchase_at,
        count(*) as pieces
    from cosmetics_marts.fct_sessions
    where is_valid
    group by session_source_id
)"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(
        tmp_path_factory.mktemp("truths") / "home", {"ECOMMERCE_SAMPLE_EVENTS": str(EVENTS)}
    )
    shop.ok("demo", "cosmetics")
    return shop


@pytest.fixture(scope="module")
def truths(shop: Shop) -> dict[date, MonthTruth]:
    found = read_truths(shop.home / "sample" / "cosmetics" / "truth")
    assert list(found) == [f"{month}" for month in MONTHS]
    return {date.fromisoformat(month): truth for month, truth in found.items()}


def by_month(shop: Shop, month: str, figures: str, source: str) -> dict[date, tuple[Any, ...]]:
    """Figures of a `from …` for each month of the expression `month`."""
    rows = query(
        shop.warehouse,
        f"select cast(date_trunc('month', {month}) as date), {figures} {source} "
        "group by 1 order by 1",
    )
    return {row[0]: row[1:] for row in rows}


def test_rows_by_type_and_their_exact_duplicates(
    shop: Shop, truths: dict[date, MonthTruth]
) -> None:
    types = ("view", "cart", "remove_from_cart", "purchase")
    rows = ", ".join(f"count(case when event_type = '{t}' then 1 end)" for t in types)
    again = ", ".join(
        f"count(case when event_type = '{t}' and is_exact_duplicate then 1 end)" for t in types
    )
    staged = "from cosmetics_staging.stg_cosmetics__events"
    found = by_month(shop, "event_at", f"count(*), {rows}, {again}", staged)

    assert found == {
        month: (
            truth.rows,
            *(truth.rows_by_type[t] for t in types),
            *(truth.duplicate_rows_by_type.get(t, 0) for t in types),
        )
        for month, truth in truths.items()
    }


def test_daily_traffic_adds_up_to_the_rows(shop: Shop, truths: dict[date, MonthTruth]) -> None:
    found = by_month(
        shop,
        "event_date",
        "sum(events), sum(exact_duplicate_events), sum(events_without_session)",
        "from cosmetics_marts.agg_daily_traffic",
    )

    assert found == {
        month: (EVENTS, sum(truth.duplicate_rows_by_type.values()), truth.rows_without_session)
        for month, truth in truths.items()
    }


def test_new_and_returning_users(shop: Shop, truths: dict[date, MonthTruth]) -> None:
    users = by_month(
        shop,
        "event_month",
        "count(*), count(case when is_first_month then 1 end), "
        "count(case when not is_first_month then 1 end)",
        "from cosmetics_intermediate.int_cosmetics__user_history",
    )
    new = by_month(shop, "event_date", "sum(new_users)", "from cosmetics_marts.agg_daily_new_users")

    assert users == {m: (t.users, t.new_users, t.returning_users) for m, t in truths.items()}
    assert new == {m: (t.new_users,) for m, t in truths.items()}


def test_sessions_put_together_again_are_the_shops(
    shop: Shop, truths: dict[date, MonthTruth]
) -> None:
    figures = (
        "count(*), count(first_view_at), count(first_cart_at), count(first_purchase_at), " + STEPS
    )
    found = by_month(shop, "session_start_at", figures, f"from {WHOLE}")

    assert found == {
        month: (
            truth.funnel.sessions,
            truth.funnel.with_view,
            truth.funnel.with_cart,
            truth.funnel.with_purchase,
            truth.funnel.with_view,
            truth.funnel.view_then_cart,
            truth.funnel.view_then_cart_then_purchase,
        )
        for month, truth in truths.items()
    }


def test_sessions_and_funnel_differ_from_the_shops_by_the_cut_sessions_alone(
    shop: Shop, truths: dict[date, MonthTruth]
) -> None:
    """Mart minus truth = the cut sessions' pieces minus the same sessions whole."""
    funnel = by_month(
        shop,
        "unit_date",
        "sum(case when step_no = 1 then reached end), sum(case when step_no = 2 then reached end), "
        "sum(case when step_no = 3 then reached end)",
        "from cosmetics_marts.agg_funnel_daily where funnel_id = 'session_view_cart_purchase'",
    )
    sessions = "from cosmetics_marts.fct_sessions where is_valid"
    counted = by_month(shop, "session_start_at", "count(*)", sessions)
    figures = f"count(*), {STEPS}"
    several = f"(select session_source_id from {WHOLE} where pieces > 1)"
    pieces = by_month(
        shop, "session_start_at", figures, f"{sessions} and session_source_id in {several}"
    )
    whole = by_month(shop, "session_start_at", figures, f"from {WHOLE} where pieces > 1")

    nothing = (0, 0, 0, 0)
    for month, truth in truths.items():
        planted = (
            truth.funnel.sessions,
            truth.funnel.with_view,
            truth.funnel.view_then_cart,
            truth.funnel.view_then_cart_then_purchase,
        )
        split = zip(pieces.get(month, nothing), whole.get(month, nothing), strict=True)
        differences = [piece - one for piece, one in split]
        found = (*counted[month], *funnel[month])
        assert [a - b for a, b in zip(found, planted, strict=True)] == differences
    # The shop plants sessions of two users and of several days, so that this is no empty claim.
    assert sum(figures[0] for figures in pieces.values()) > 0


def test_a_piece_is_marked_where_another_one_lies_within_two_days_of_its_month(
    shop: Shop,
) -> None:
    """So far does a month's batch see; pieces farther apart do not know of each other."""
    rows = query(
        shop.warehouse,
        """
        select one.was_split, coalesce(bool_or(other.session_key is not null), false)
        from cosmetics_marts.fct_sessions as one
        left join cosmetics_marts.fct_sessions as other
            on one.session_source_id = other.session_source_id
            and one.session_key <> other.session_key
            and other.session_end_at >= one.session_month - interval 2 day
            and other.session_start_at < one.session_month + interval 1 month + interval 2 day
        where one.is_valid
        group by one.session_key, one.was_split
        """,
    )

    assert {pair for pair in rows if pair[0] != pair[1]} == set()
    assert (True, True) in rows


def test_the_value_of_purchases(shop: Shop, truths: dict[date, MonthTruth]) -> None:
    figures = "sum(gross_sales) * 100, sum(all_rows_value) * 100, sum(adjustment_lines)"
    expected = {
        month: (
            truth.positive_purchase_value_cents,
            truth.purchase_value_cents,
            truth.rows_with_negative_price,
        )
        for month, truth in truths.items()
    }

    assert by_month(shop, "sales_date", figures, "from cosmetics_marts.agg_sales_daily") == expected
    assert (
        by_month(shop, "sales_date", figures, "from cosmetics_marts.agg_sales_hourly") == expected
    )


def test_the_outage_is_the_only_weekday_without_daytime_orders(
    shop: Shop, truths: dict[date, MonthTruth]
) -> None:
    (outage,) = [truth.outage for truth in truths.values() if truth.outage]
    closed = query(
        shop.warehouse,
        """
        select cast(traffic.event_date as varchar)
        from cosmetics_marts.agg_daily_traffic as traffic
        left join cosmetics_marts.agg_sales_hourly as sales
            on sales.sales_date = traffic.event_date and sales.hour_utc >= ? and sales.hour_utc < ?
        where isodow(traffic.event_date) <= 5
        group by traffic.event_date
        having coalesce(sum(sales.orders_proxy), 0) = 0
        """,
        outage.from_hour,
        outage.until_hour,
    )
    views = query(
        shop.warehouse,
        "select count(*) from cosmetics_staging.stg_cosmetics__events "
        "where event_date = ? and event_type = 'view' "
        "and date_part('hour', event_at) between ? and ?",
        date.fromisoformat(outage.day),
        outage.from_hour,
        outage.until_hour - 1,
    )

    assert outage.lost_orders > 0
    assert closed == [(outage.day,)]
    assert views[0][0] > 0


def test_the_planted_pairs_are_bought_together(shop: Shop, truths: dict[date, MonthTruth]) -> None:
    rows = query(
        shop.warehouse,
        """
        with bought as (
            select distinct session_source_id, product_id
            from cosmetics_staging.stg_cosmetics__events
            where event_type = 'purchase' and session_source_id is not null
        ),
        started as (
            select session_source_id, cast(date_trunc('month', min(event_at)) as date) as month
            from cosmetics_staging.stg_cosmetics__events
            group by session_source_id
        )
        select started.month, one.product_id, other.product_id, count(*)
        from bought as one
        inner join bought as other
            on one.session_source_id = other.session_source_id and one.product_id < other.product_id
        inner join started on started.session_source_id = one.session_source_id
        group by all
        """,
    )
    found = {(month, first, second): sessions for month, first, second, sessions in rows}
    planted = {(p.first_product_id, p.second_product_id) for p in truths[MONTHS[0]].pairs}
    together: dict[tuple[int, int], int] = {}
    for (_, *pair), sessions in found.items():
        together[pair[0], pair[1]] = together.get((pair[0], pair[1]), 0) + sessions

    assert {
        (month, p.first_product_id, p.second_product_id): p.sessions
        for month, truth in truths.items()
        for p in truth.pairs
        if p.sessions
    } == {key: n for key, n in found.items() if key[1:] in planted}
    assert max(together, key=lambda pair: together[pair]) in planted


def test_the_affinity_mart_finds_the_planted_pairs_and_counts_them_by_order(
    shop: Shop, truths: dict[date, MonthTruth]
) -> None:
    """Far above chance in ten baskets or more are the planted pairs, all of them and no other.

    The shop counts session ids, the mart orders: a cut session's products may lie in two orders.
    """
    planted: dict[tuple[int, int], int] = {}
    for truth in truths.values():
        for pair in truth.pairs:
            key = (pair.first_product_id, pair.second_product_id)
            planted[key] = planted.get(key, 0) + pair.sessions
    affinity = {
        (first, second): (n_both, lift)
        for first, second, n_both, lift in query(
            shop.warehouse,
            "select lhs_product_id, rhs_product_id, n_both, lift "
            "from cosmetics_marts.mart_product_affinity where lhs_product_id < rhs_product_id",
        )
    }
    bought = query(
        shop.warehouse,
        """
        with bought as (
            select distinct orders.session_source_id, lines.order_proxy_key, lines.product_id
            from cosmetics_marts.fct_order_lines as lines
            inner join cosmetics_marts.fct_orders as orders using (order_proxy_key)
            where orders.is_session_known and orders.n_products <= 100
        )
        select
            one.product_id,
            other.product_id,
            count(distinct one.session_source_id),
            count(distinct case
                when one.order_proxy_key = other.order_proxy_key then one.order_proxy_key
            end)
        from bought as one
        inner join bought as other
            on one.session_source_id = other.session_source_id and one.product_id < other.product_id
        group by all
        """,
    )
    together = {(first, second): (ids, orders) for first, second, ids, orders in bought}

    found = {pair for pair, (n_both, lift) in affinity.items() if n_both >= 10 and lift >= 10}
    assert found == {pair for pair, (_, orders) in together.items() if orders >= 10} & set(planted)
    assert len(found) >= 5
    assert {pair: together.get(pair, (0, 0))[0] for pair in planted} == planted
    assert {pair: affinity[pair][0] for pair in found} == {p: together[p][1] for p in found}
