"""The cosmetics pages of funnels, retention and quality show what plain Python finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets_tests.integration.dashboard.pages import (
    cards,
    drawn,
    said,
    tables,
)
from ecommerce_assets_tests.integration.dbt.reference import EXPECTED, World

Opened = Callable[..., AppTest]
NOVEMBER = date(2019, 11, 1)


def funnel_rows(world: World, funnel: str, month: date | None = None) -> list[dict[str, Any]]:
    """The complete days of a funnel, of one month or of all."""
    return [
        row
        for row in EXPECTED["cosmetics_marts.agg_funnel_daily"](world)
        if row["funnel_id"] == funnel
        and row["window_complete"]
        and month in (None, row["unit_date"].replace(day=1))
    ]


@pytest.mark.parametrize(
    ("funnel", "month"),
    [
        ("session_view_cart_purchase", None),
        ("session_view_cart_purchase_any_order", NOVEMBER),
        ("user_view_cart_purchase", None),
        ("user_product_view_cart_purchase_not_removed", NOVEMBER),
    ],
)
def test_a_funnel_has_its_steps_rates_and_coverage(
    opened: Opened, world: World, funnel: str, month: date | None
) -> None:
    page = opened("cosmetics_funnels")
    page.selectbox(key="funnel").set_value(funnel)
    page.selectbox(key="month").set_value(month)
    page.run()
    assert not page.exception
    rows = funnel_rows(world, funnel, month)
    reached, covered, excluded = Counter[int](), [0, 0], 0
    for row in rows:
        reached[row["step_no"]] += row["reached"]
        if row["step_no"] == 1:
            covered[0] += row["coverage_num"]
            covered[1] += row["coverage_den"]
            excluded += row["excluded"]
    shown = cards(page)
    assert shown["Entered"] == f"{reached[1]:,}"
    assert shown["Overall rate"] == f"{reached[3] / reached[1]:.1%}"
    assert shown["Coverage"] == f"{covered[0] / covered[1]:.1%}"
    assert f"{reached[3]} / {reached[1]:,} " in said(page)
    assert f"{covered[0]} / {covered[1]:,} " in said(page)
    assert bool(excluded) == (f"by an exclusion: {excluded} " in said(page))
    steps = tables(page)[0]
    assert list(steps["reached"]) == [reached[1], reached[2], reached[3]]
    assert list(steps["step rate"]) == [
        1, pytest.approx(reached[2] / reached[1]), pytest.approx(reached[3] / reached[2]),
    ]  # fmt: skip
    assert ("per unit and day" in said(page)) == funnel.startswith("user")
    by_day = drawn(page)[1]
    last = {row["unit_date"]: row for row in rows if row["step_no"] == 3}
    overall = by_day[by_day["line"] == "overall rate"]
    assert {row.unit_date.date(): row.value for row in overall.itertuples()} == {
        day: pytest.approx(row["reached"] / row["entered"] if row["entered"] else float("nan"),
                           nan_ok=True)
        for day, row in last.items()
    }  # fmt: skip


def test_a_funnel_is_shown_by_its_breakdown(opened: Opened, world: World) -> None:
    funnel = "session_view_cart_purchase_by_hour"
    page = opened("cosmetics_funnels")
    page.selectbox(key="funnel").set_value(funnel).run()
    assert not page.exception
    reached, entered = Counter[str](), Counter[str]()
    for row in funnel_rows(world, funnel):
        if row["step_no"] == 3:
            reached[row["breakdown_value"]] += row["reached"]
            entered[row["breakdown_value"]] += row["entered"]
    table = tables(page)[1].set_index("start hour utc")
    assert table["entered"].to_dict() == entered
    assert table["reached the last step"].to_dict() == reached | {
        hour: reached[hour] for hour in entered
    }
    assert sum(reached.values()) > 0


def test_days_whose_window_is_open_are_left_out_and_counted(
    opened: Opened, altered: Callable[..., Path]
) -> None:
    folder = altered("update cosmetics_marts.agg_funnel_daily set window_complete = false")
    page = opened("cosmetics_funnels", folder)
    assert not page.exception
    assert "No day of this choice is complete yet" in said(page)
    assert not page.metric


def test_a_shop_where_nobody_put_or_bought_anything_has_pages_without_rates(
    opened: Opened, altered: Callable[..., Path]
) -> None:
    marts = ("agg_sales_hourly", "agg_purchase_predecessors_daily", "agg_cart_abandonment_daily",
             "fct_path_edges", "mart_product_affinity", "agg_baskets_monthly",
             "agg_duplicate_policy_daily")  # fmt: skip
    nothing = ("aov_num", "aov_den", "gross_sales", "orders_proxy", "revenue_per_visitor_num")
    folder = altered(
        *(f"delete from cosmetics_marts.{mart}" for mart in marts),
        "update cosmetics_marts.agg_sales_daily set "
        + ", ".join(f"{column} = 0" for column in nothing),
        "update cosmetics_marts.agg_session_quality_daily set "
        "cart_abandonment_num = 0, cart_abandonment_den = 0",
        "update cosmetics_marts.agg_funnel_daily set median_s = null, coverage_num = 0, "
        "coverage_den = 0, reached = case when step_no = 1 then entered else 0 end",
    )
    sales = opened("cosmetics_sales", folder)
    assert not sales.exception
    assert [cards(sales)[label] for label in ("Average order value", "Abandoned in the session",
            "Not bought within 7 days")] == ["—", "—", "—"]  # fmt: skip
    assert cards(sales)["Sales per daily visitor"] == "0.00"
    funnels = opened("cosmetics_funnels", folder)
    assert not funnels.exception
    assert cards(funnels)["Coverage"] == "—"
    assert len(drawn(funnels)) == 2
    for name, says in (("quality", "Ways through a visit"), ("products", "No two products")):
        page = opened(f"cosmetics_{name}", folder)
        assert not page.exception
        assert says in said(page)


@pytest.mark.parametrize(
    ("cohorts", "periods"),
    [("first_seen", "month"), ("first_seen", "week"), ("first_purchase", "week")],
)
def test_a_cell_that_is_not_observed_whole_is_blank(
    opened: Opened, world: World, cohorts: str, periods: str
) -> None:
    page = opened("cosmetics_retention")
    page.radio(key="cohorts").set_value(cohorts)
    page.radio(key="periods").set_value(periods)
    page.run()
    assert not page.exception
    rows = [
        row
        for row in EXPECTED["cosmetics_marts.fct_cohort_period"](world)
        if (row["cohort_kind"], row["period_kind"]) == (cohorts, periods)
    ]
    layout = "%Y-%m-%d" if periods == "week" else "%Y-%m"

    def name(row: dict[str, Any]) -> str:
        return f"{row['cohort_period']:{layout}}" + (" *" if row["is_left_truncated"] else "")

    heat, sizes = drawn(page)[:2]
    found = {(str(row.cohort), int(row.period_index)): row.retention for row in heat.itertuples()}
    assert found == {
        (name(row), row["period_index"]): pytest.approx(row["active_users"] / row["cohort_size"])
        for row in rows
        if row["period_complete"] and row["period_index"]
    }
    open_cells = {(name(row), row["period_index"]) for row in rows if not row["period_complete"]}
    assert open_cells
    assert not open_cells & set(found)
    assert dict(zip(sizes["cohort"], sizes["cohort_size"], strict=True)) == {
        name(row): row["cohort_size"] for row in rows if row["period_index"] == 0
    }


def test_the_curve_weighs_users_and_cohorts(opened: Opened, world: World) -> None:
    page = opened("cosmetics_retention")
    page.radio(key="periods").set_value("week").run()
    wanted = {
        row["period_index"]: row
        for row in EXPECTED["cosmetics_marts.agg_cohort_retention"](world)
        if (row["cohort_kind"], row["period_kind"]) == ("first_seen", "week")
    }
    table = tables(page)[1].set_index("period")
    assert table["active users"].to_dict() == {
        index: row["weighted_retention_num"] for index, row in wanted.items()
    }
    curve = drawn(page)[2]
    for row in curve.itertuples():
        kind = "weighted" if row.line == "every user the same" else "simple"
        pair = wanted[row.period_index]
        assert row.value == pytest.approx(
            pair[f"{kind}_retention_num"] / pair[f"{kind}_retention_den"]
        )
    assert len(curve) == 2 * len(wanted) > 0


def test_without_a_typical_cohort_or_a_whole_period_that_is_said(opened: Opened) -> None:
    page = opened("cosmetics_retention")
    assert "No cohort lies far enough" in said(page)
    assert len(drawn(page)) == 2
    page.radio(key="cohorts").set_value("first_purchase")
    page.radio(key="periods").set_value("rolling30")
    page.run()
    assert not page.exception
    assert "No period after the first is observed whole" in said(page)
    assert len(drawn(page)) == 1


@pytest.mark.parametrize("month", [None, NOVEMBER])
def test_transitions_and_sessions_are_those_of_the_visits(
    opened: Opened, world: World, month: date | None
) -> None:
    page = opened("cosmetics_quality")
    page.selectbox(key="month").set_value(month).run()
    assert not page.exception
    edges: Counter[tuple[str, str]] = Counter()
    for row in EXPECTED["cosmetics_marts.fct_path_edges"](world):
        if month in (None, row["session_date"].replace(day=1)):
            edges[row["from_state"], row["to_state"]] += row["n"]
    table = tables(page)[0]
    pairs = zip(table["from"], table["to"], strict=True)
    assert dict(zip(pairs, table["transitions"], strict=True)) == edges
    assert table["transitions"].is_monotonic_decreasing
    leaving: Counter[str] = Counter()
    for (state, _), n in edges.items():
        leaving[state] += n
    for row in drawn(page)[0].itertuples():
        state, to = str(row.from_state), str(row.to_state)
        assert row.share == pytest.approx(edges[state, to] / leaving[state])

    own = [s for s in world.sessions if month in (None, s["session_date"].replace(day=1))]
    valid = [each for each in own if each["is_valid"]]
    bounced = sum(each["n_events"] == each["n_views"] == 1 for each in valid)
    bought = sum(each["n_purchases"] > 0 for each in valid)
    invalid = len(own) - len(valid)
    shown = cards(page)
    assert shown["Bounce rate"] == f"{bounced / len(valid):.1%}"
    assert shown["Conversion"] == f"{bought / len(valid):.1%}"
    assert shown["Invalid"] == f"{invalid / len(own):.1%}"
    assert f"{invalid} / {len(own)} sessions" in said(page)
    reasons = tables(page)[1]["number"]
    kinds = Counter(each["split_reason"] for each in valid)
    assert list(reasons)[:4] == [
        invalid, kinds["over_24h"], kinds["gap_over_24h"], kinds["several_users"],
    ]  # fmt: skip


def test_sessions_of_the_shop_and_of_the_clock_are_compared(opened: Opened, world: World) -> None:
    rows = EXPECTED["cosmetics_marts.agg_session_agreement_daily"](world)
    total = {name: sum(row[name] for row in rows)
             for name in ("source_sessions", "derived_sessions", "differing_num")}  # fmt: skip
    page = opened("cosmetics_quality")
    shown = cards(page)
    assert shown["The shop's sessions"] == f"{total['source_sessions']}"
    assert shown["Derived sessions"] == f"{total['derived_sessions']}"
    assert f"{total['differing_num']} / {total['source_sessions']} of the shop's" in said(page)
    assert 0 < total["differing_num"] < total["source_sessions"]


def test_the_other_policy_leaves_out_repeated_rows(opened: Opened, world: World) -> None:
    table = tables(opened("cosmetics_quality"))[-1].set_index("figure")
    rows = [event.columns for event in world.events]
    for figure, kind in (("cart_events", "cart"), ("remove_events", "remove_from_cart")):
        as_is = sum(row[1] == kind for row in rows)
        once = sum(row[1] == kind for row in set(rows))
        assert table.loc[figure, "as is"] == as_is
        assert table.loc[figure, "without repeated rows"] == once
        assert table.loc[figure, "difference / as is"] == pytest.approx((as_is - once) / as_is)
        assert once < as_is
