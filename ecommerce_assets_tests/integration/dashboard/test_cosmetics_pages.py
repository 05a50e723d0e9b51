"""The cosmetics pages of users, sales and products show what plain Python finds in the events."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets_tests.integration.dashboard.pages import (
    cards,
    drawn,
    number,
    said,
    tables,
)
from ecommerce_assets_tests.integration.dbt.lake import Event
from ecommerce_assets_tests.integration.dbt.reference import EXPECTED, World

Opened = Callable[..., AppTest]
NOVEMBER = date(2019, 11, 1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)


def purchases(events: Iterable[Event]) -> list[Event]:
    """Purchases at a price above 0."""
    return [event for event in events if event.type == "purchase" and event.price > 0]


def sums(parts: Iterable[tuple[Any, Decimal]]) -> dict[Any, float]:
    """What the parts of each key add up to."""
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for key, value in parts:
        found[key] += value
    return {key: float(value) for key, value in found.items()}


def users_by(world: World, start: Callable[[date], date], kind: str) -> dict[date, set[int]]:
    """Users with such an event by the period that `start` gives for its day."""
    found: dict[date, set[int]] = defaultdict(set)
    for event in world.events:
        if kind in ("any", event.type):
            found[start(event.at.date())].add(event.user)
    return dict(sorted(found.items()))


def test_traffic_is_that_of_the_events(opened: Opened, world: World) -> None:
    page = opened("cosmetics_traffic")
    days = {event.at.date() for event in world.events}
    repeated = len(world.events) - len({event.columns for event in world.events})
    assert cards(page) == {
        "Events": f"{len(world.events):,}",
        "Days": f"{len(days)}",
        "Users": f"{len({event.user for event in world.events})}",
        "Repeated rows": f"{repeated / len(world.events):.1%}",
    }
    assert f"{repeated:,} / {len(world.events):,} rows" in said(page)
    kinds, visits, users = drawn(page)[:3]
    counted = Counter((event.at.date(), event.type) for event in world.events)
    names = {"views": "view", "carts": "cart", "removes": "remove_from_cart",
             "purchases": "purchase"}  # fmt: skip
    assert {(row.event_date.date(), names[row.line]): row.value
            for row in kinds.itertuples() if row.value} == counted  # fmt: skip
    by_day = users_by(world, lambda day: day, "any")
    seen = visits[visits["line"] == "visitors"]
    assert list(seen["value"]) == [len(found) for found in by_day.values()]
    first: dict[int, date] = {}
    for event in world.events:
        first.setdefault(event.user, event.at.date())
    new = users[users["line"] == "new"]
    assert list(new["value"]) == [list(first.values()).count(day) for day in by_day]


def test_active_users_follow_the_chosen_period_and_event(opened: Opened, world: World) -> None:
    page = opened("cosmetics_traffic")
    months = drawn(page)[3]
    assert list(months["state"]) == ["whole", "whole", "incomplete"]
    page.radio(key="kind").set_value("week")
    page.selectbox(key="event").set_value("purchase")
    page.run()
    assert not page.exception
    weeks = users_by(world, lambda day: day - day.weekday() * DAY, "purchase")
    shown = drawn(page)[3]
    assert {row.period: row.active_users for row in shown.itertuples() if row.active_users} == {
        f"{week}": len(found) for week, found in weeks.items()
    }
    assert "an event purchase in the week" in said(page)


def test_stickiness_is_the_mean_day_by_the_month(opened: Opened, world: World) -> None:
    table = tables(opened("cosmetics_traffic"))[0]
    by_day = users_by(world, lambda day: day, "any")
    for month, found in users_by(world, lambda day: day.replace(day=1), "any").items():
        days = [len(users) for day, users in by_day.items() if day.replace(day=1) == month]
        row = table[table["month"] == f"{month:%Y-%m}"].iloc[0]
        assert row["users of the month"] == len(found)
        assert row["stickiness"] == pytest.approx(sum(days) / len(days) / len(found))


def test_lifecycle_parts_are_told_from_the_months_before(opened: Opened, world: World) -> None:
    parts = drawn(opened("cosmetics_traffic"))[4]
    shown = {(row.period, row.users): row.number for row in parts.itertuples()}
    before: set[int] = set()
    last: set[int] = set()
    months = users_by(world, lambda day: day.replace(day=1), "any")
    for month, active in months.items():
        wanted = {"new": active - before, "returning": active & last,
                  "resurrecting": active & before - last}  # fmt: skip
        for part, users in wanted.items():
            assert shown[f"{month}", part] == len(users)
        assert shown[f"{month}", "dormant"] == -len(last - active)
        before, last = before | active, active
    assert len(shown) == 4 * len(months) == 12


@pytest.mark.parametrize("month", [None, NOVEMBER])
def test_sales_are_those_of_the_chosen_months(
    opened: Opened, world: World, month: date | None
) -> None:
    page = opened("cosmetics_sales")
    page.selectbox(key="month").set_value(month).run()
    assert not page.exception

    def chosen(day: date) -> bool:
        return month is None or day.replace(day=1) == month

    events = [event for event in world.events if chosen(event.at.date())]
    orders = [order for order in world.orders if chosen(order["order_date"])]
    valued = [order["order_value"] for order in orders
              if order["is_session_known"] and order["order_value"] > 0]  # fmt: skip
    sales = sum(event.price for event in purchases(events))
    visitors = len({(event.at.date(), event.user) for event in events})
    shown = cards(page)
    assert shown["Total sales"] == f"{sales:,.2f}"
    assert shown["Orders"] == f"{len(orders)}"
    assert number(shown["Average order value"]) == pytest.approx(
        float(sum(valued)) / len(valued), abs=0.005
    )
    assert f"{sum(valued):,.2f} / {len(valued)} orders" in said(page)
    assert f"{sales:,.2f} / {visitors} visitors" in said(page)
    months, _, by_day, *_ = drawn(page)
    assert list(months["state"]) == ["whole", "whole", "incomplete"]
    per_day = sums((event.at.date(), event.price) for event in purchases(events))
    assert {row.sales_date.date(): row.gross_sales for row in by_day.itertuples()} == {
        day: pytest.approx(per_day.get(day, 0))
        for day in sorted({event.at.date() for event in events})
    }


def test_hours_are_a_typical_days(opened: Opened, world: World) -> None:
    sales, orders = drawn(opened("cosmetics_sales"))[6:8]
    days = len({event.at.date() for event in world.events})
    found = Counter(order["ordered_at"].hour for order in world.orders)
    assert list(orders["hour"]) == list(range(24))
    assert list(orders["orders"]) == [pytest.approx(found[hour] / days) for hour in range(24)]
    value = sum(float(event.price) for event in purchases(world.events))
    assert sales["gross_sales"].sum() * days == pytest.approx(value)


def test_carts_are_left_by_both_definitions(opened: Opened, world: World) -> None:
    page = opened("cosmetics_sales")
    carted = [each for each in world.sessions if each["is_valid"] and each["n_carts"]]
    left = sum(not each["n_purchases"] for each in carted)
    assert f"{left} / {len(carted)} sessions with a cart event" in said(page)
    bought = defaultdict(list)
    first: dict[tuple[int, int, date], Event] = {}
    for event in world.events:
        if event.type == "purchase":
            bought[event.user, event.product].append(event.at)
        elif event.type == "cart":
            first.setdefault((event.user, event.product, event.at.date()), event)
    last = max(event.at.date() for event in world.events)
    units = {key: event for key, event in first.items() if key[2] + WEEK <= last}
    left_out = {day for _, _, day in first} - {day for _, _, day in units}
    assert f"{len(left_out)} days of which the 7 days are not loaded yet" in said(page)
    abandoned = sum(
        not any(event.at <= at <= event.at + WEEK for at in bought[user, product])
        for (user, product, _), event in units.items()
    )
    assert f"{abandoned} / {len(units)} users and products" in said(page)


def test_what_comes_before_a_checkout_is_counted(opened: Opened, world: World) -> None:
    table = tables(opened("cosmetics_sales"))[0]
    wanted: Counter[str] = Counter()
    for row in EXPECTED["cosmetics_marts.agg_purchase_predecessors_daily"](world):
        wanted[row["before_event"]] += row["checkouts"]
    assert dict(zip(table["event before"], table["checkouts"], strict=True)) == wanted
    assert table["purchases"].sum() == sum(e.type == "purchase" for e in world.events)
    assert table["share of checkouts"].sum() == pytest.approx(1)


def test_what_the_data_cannot_answer_is_said(opened: Opened) -> None:
    for word in ("Channels", "Margin", "Returns", "Stock"):
        assert f"*{word}" in said(opened("cosmetics_sales"))


def test_brands_are_ranked_without_the_unknown(opened: Opened, world: World) -> None:
    page = opened("cosmetics_products")
    page.selectbox(key="month").set_value(NOVEMBER).run()
    assert not page.exception
    events = [event for event in world.events if event.at.date().replace(day=1) == NOVEMBER]
    sales = sums((event.brand, max(event.price, 0) * (event.type == "purchase"))
                 for event in events)  # fmt: skip
    table = tables(page)[0].set_index("brand")
    assert set(table.index) == {brand or "(unknown)" for brand in sales}
    known = {brand: value for brand, value in sales.items() if brand}
    for brand, value in sales.items():
        row = table.loc[brand or "(unknown)"]
        assert row["sales"] == pytest.approx(value)
        assert row["share of sales"] == pytest.approx(value / sum(sales.values()))
        if brand:
            assert row["rank"] == 1 + sum(other > value for other in known.values())
    assert list(table.index[table["rank"].isna()]) == ["(unknown)"]
    assert f"Sales without a brand: {sales[None]:,.2f} / {sum(sales.values()):,.2f}" in said(page)


def test_categories_and_products_are_those_of_the_month(opened: Opened, world: World) -> None:
    page = opened("cosmetics_products")
    events = [event for event in world.events if event.at.date() >= date(2019, 12, 1)]
    by_category = sums((str(event.category), event.price) for event in purchases(events))
    by_product = sums((event.product, event.price) for event in purchases(events))
    _, categories, products, _ = tables(page)
    assert dict(zip(categories["category"], categories["sales"], strict=True)) == {
        category: pytest.approx(value) for category, value in by_category.items()
    }
    links = {f"/cosmetics_product?product={each}": value for each, value in by_product.items()}
    assert len(products) == 100
    for row in products.itertuples(index=False):
        assert row.sales == pytest.approx(links[row.product])
    assert products["sales"].is_monotonic_decreasing


def test_pairs_have_support_confidence_and_lift(opened: Opened, world: World) -> None:
    page = opened("cosmetics_products")
    wanted = {
        (row["lhs_product_id"], row["rhs_product_id"]): row
        for row in EXPECTED["cosmetics_marts.mart_product_affinity"](world)
    }
    shown = tables(page)[3]
    assert len(shown) == len(wanted) > 2
    for row in shown.to_dict("records"):
        lhs = int(row["product"].rpartition("=")[2])
        pair = wanted[lhs, row["bought with it"]]
        both, baskets = pair["n_both"], pair["n_baskets"]
        assert row["baskets with both"] == both >= 3
        assert row["support"] == pytest.approx(both / baskets)
        assert row["confidence"] == pytest.approx(both / pair["n_lhs"], abs=1e-6)
        assert row["lift"] == pytest.approx(
            both / pair["n_lhs"] / (pair["n_rhs"] / baskets), abs=1e-6
        )
    assert shown["baskets with both"].is_monotonic_decreasing


def test_a_product_of_the_address_has_its_own_page(opened: Opened, world: World) -> None:
    page = opened("cosmetics_product", product="501")
    assert not page.exception
    assert page.header[0].value == "Product 501"
    own = [event for event in world.events if event.product == 501]
    shown = cards(page)
    assert number(shown["Sales"]) == pytest.approx(float(sum(e.price for e in purchases(own))))
    assert number(shown["Units"]) == len(purchases(own))
    assert number(shown["Views"]) == sum(event.type == "view" for event in own)
    months = {f"{event.at:%Y-%m}" for event in own}
    assert set(tables(page)[0]["month"]) == months
    wanted = [row["rhs_product_id"] for row in EXPECTED["cosmetics_marts.mart_product_affinity"](
        world) if row["lhs_product_id"] == 501]  # fmt: skip
    partners = {int(link.rpartition("=")[2]) for link in tables(page)[1]["product"]}
    assert partners == set(wanted) != set()


def test_a_product_beyond_the_best_sold_is_found_by_its_address(
    opened: Opened, altered: Callable[..., Path]
) -> None:
    mart = "cosmetics_marts.agg_product_monthly"
    folder = altered(
        f"insert into {mart} by name select * exclude (i) replace (10000 + i as product_id, "
        f"99999 as gross_sales) from (from {mart} limit 1), range(500) as more(i)"
    )
    page = opened("cosmetics_product", folder, product="501")
    assert page.header[0].value == "Product 501"
    assert "501" in page.selectbox[0].options
    unknown = opened("cosmetics_product", folder, product="12345678901234567890")
    assert not unknown.exception
    assert "12345678901234567890" in unknown.warning[0].value
    assert unknown.header[0].value == "Product 10000"
