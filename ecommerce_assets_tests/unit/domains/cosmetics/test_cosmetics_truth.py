"""The published truths, each computed again from nothing but the written files."""

from __future__ import annotations

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from ecommerce_assets.domains.cosmetics.simulator.truth import (
    read_truths,
    write_month_truth,
)
from ecommerce_assets_tests.unit.domains.conftest import CALENDAR, Row, Shop, moment

MONTHS = pytest.mark.parametrize("month", CALENDAR, ids=str)


@dataclass
class Session:
    """What the files say about one session id."""

    start: datetime = datetime.max
    first: dict[str, datetime] = field(default_factory=dict)
    bought: set[int] = field(default_factory=set)

    def add(self, row: Row) -> None:
        time, kind = moment(row), row["event_type"]
        self.start = min(self.start, time)
        self.first[kind] = min(self.first.get(kind, time), time)
        if kind == "purchase":
            self.bought.add(int(row["product_id"]))

    def in_order(self, *kinds: str) -> bool:
        times = [self.first.get(kind) for kind in kinds]
        return None not in times and times == sorted(times)  # type: ignore[type-var]


@pytest.fixture(scope="module")
def sessions(shop: Shop) -> dict[str, Session]:
    found: dict[str, Session] = {}
    for row in shop.all_rows:
        if row["user_session"]:
            found.setdefault(row["user_session"], Session()).add(row)
    return found


def started(sessions: dict[str, Session], month: date) -> list[Session]:
    return [one for one in sessions.values() if one.start.date().replace(day=1) == month]


@MONTHS
def test_rows_and_duplicates_by_type_are_those_of_the_file(shop: Shop, month: date) -> None:
    truth, rows = shop.truths[month], shop.rows[month]
    excess = Counter[str]()
    for row, times in Counter(tuple(row.values()) for row in rows).items():
        excess[row[1]] += times - 1
    assert truth.rows == len(rows)
    assert truth.rows_by_type == Counter(row["event_type"] for row in rows)
    assert Counter(truth.duplicate_rows_by_type) == excess


@MONTHS
def test_missing_and_odd_values_are_those_of_the_file(shop: Shop, month: date) -> None:
    truth, rows = shop.truths[month], shop.rows[month]
    assert truth.rows_without_session == sum(not row["user_session"] for row in rows)
    assert truth.rows_without_brand == sum(not row["brand"] for row in rows)
    assert truth.rows_without_category_code == sum(not row["category_code"] for row in rows)
    assert truth.rows_with_zero_price == sum(row["price"] == "0.00" for row in rows)
    assert truth.rows_with_negative_price == sum(row["price"].startswith("-") for row in rows)


@MONTHS
def test_value_of_purchases_is_that_of_the_file(shop: Shop, month: date) -> None:
    prices = [Decimal(r["price"]) for r in shop.rows[month] if r["event_type"] == "purchase"]
    assert shop.truths[month].purchase_value_cents == 100 * sum(prices)
    assert shop.truths[month].positive_purchase_value_cents == 100 * sum(p for p in prices if p > 0)


def test_new_and_returning_users_are_those_of_the_calendar(shop: Shop) -> None:
    known: set[str] = set()
    for month in CALENDAR:
        users = {row["user_id"] for row in shop.rows[month]}
        truth = shop.truths[month]
        assert (truth.users, truth.new_users, truth.returning_users) == (
            len(users),
            len(users - known),
            len(users & known),
        )
        known |= users


@MONTHS
def test_the_funnel_is_that_of_the_sessions_started_in_the_month(
    shop: Shop, sessions: dict[str, Session], month: date
) -> None:
    funnel, mine = shop.truths[month].funnel, started(sessions, month)
    assert funnel.sessions == len(mine)
    assert funnel.with_view == sum("view" in one.first for one in mine)
    assert funnel.with_cart == sum("cart" in one.first for one in mine)
    assert funnel.with_purchase == sum("purchase" in one.first for one in mine)
    assert funnel.view_then_cart == sum(one.in_order("view", "cart") for one in mine)
    assert funnel.view_then_cart_then_purchase == sum(
        one.in_order("view", "cart", "purchase") for one in mine
    )
    assert funnel.view_then_cart_then_purchase < funnel.with_purchase


@MONTHS
def test_planted_pairs_were_bought_together_as_often_as_published(
    shop: Shop, sessions: dict[str, Session], month: date
) -> None:
    mine = started(sessions, month)
    pairs = shop.truths[month].pairs
    assert len(pairs) == 10
    for pair in pairs:
        both = {pair.first_product_id, pair.second_product_id}
        assert pair.sessions == sum(both <= one.bought for one in mine)


def test_a_planted_pair_is_bought_together_more_often_than_any_other(
    sessions: dict[str, Session], shop: Shop
) -> None:
    together = Counter[tuple[int, int]]()
    for one in sessions.values():
        together.update((a, b) for a in one.bought for b in one.bought if a < b)
    planted = shop.truths[CALENDAR[0]].pairs
    assert together.most_common(1)[0][0] in {
        (p.first_product_id, p.second_product_id) for p in planted
    }


def test_planted_pairs_are_the_same_products_in_every_month(shop: Shop) -> None:
    pairs = [
        [(p.first_product_id, p.second_product_id) for p in t.pairs] for t in shop.truths.values()
    ]
    assert all(one == pairs[0] for one in pairs)


@MONTHS
def test_crossing_and_shared_sessions_are_those_of_the_files(shop: Shop, month: date) -> None:
    ids = {m: {row["user_session"] for row in shop.rows[m]} - {""} for m in CALENDAR}
    place = CALENDAR.index(month)
    truth = shop.truths[month]
    before = ids[CALENDAR[place - 1]] if place else set()
    after = ids[CALENDAR[place + 1]] if place + 1 < len(CALENDAR) else set()
    owners = {
        (row["user_session"], row["user_id"]) for row in shop.rows[month] if row["user_session"]
    }
    assert truth.sessions_from_previous_month == len(ids[month] & before)
    assert truth.sessions_into_next_month == len(ids[month] & after)
    assert truth.sessions_shared_by_users == len(owners) - len(ids[month])


def test_nobody_buys_while_checkout_fails(shop: Shop) -> None:
    (month,) = (month for month in CALENDAR if shop.truths[month].outage)
    outage = shop.truths[month].outage
    assert outage is not None
    assert (outage.day, outage.purchases) == ("2019-12-17", 0)
    hours = {f"{outage.day} {hour:02}" for hour in range(outage.from_hour, outage.until_hour)}
    hit = Counter(row["event_type"] for row in shop.rows[month] if row["event_time"][:13] in hours)
    assert hit["purchase"] == 0
    assert hit["view"] > 0
    assert outage.lost_orders > 0


def test_sessions_end_within_a_day_of_their_months_end(shop: Shop) -> None:
    for earlier, later in pairwise(CALENDAR):
        heads = {row["user_session"] for row in shop.rows[earlier]} - {""}
        assert {
            row["event_time"][8:10] for row in shop.rows[later] if row["user_session"] in heads
        } == {"01"}


def test_truths_written_in_any_order_twice_or_at_once_are_the_same_files(
    shop: Shop, tmp_path: Path
) -> None:
    truths = list(shop.truths.values())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda t: write_month_truth(t, tmp_path / "truth"), [*truths, *truths[::-1]]))
    assert sorted(path.name for path in (tmp_path / "truth").iterdir()) == [
        f"{m}.json" for m in CALENDAR
    ]
    assert list(read_truths(tmp_path / "truth").values()) == truths


def test_a_file_that_is_no_truth_is_named(tmp_path: Path) -> None:
    (tmp_path / "2019-10-01.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"2019-10-01\.json.*simulate the file again"):
        read_truths(tmp_path)


def test_a_truth_of_another_release_is_no_truth(shop: Shop, tmp_path: Path) -> None:
    path = write_month_truth(shop.truths[CALENDAR[0]], tmp_path)
    known = json.loads(path.read_text(encoding="utf-8"))
    for other in ({**known, "refunds": 1}, {**known, "rows": f"{known['rows']}"}):
        path.write_text(json.dumps(other), encoding="utf-8")
        with pytest.raises(ValueError, match="simulate the file again"):
            read_truths(tmp_path)
