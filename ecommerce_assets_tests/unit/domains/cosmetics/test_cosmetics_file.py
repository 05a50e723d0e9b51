"""The file a simulated month delivers: reproducible, laid out and mixed like the original."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from ecommerce_assets.domains.cosmetics.simulator.month import (
    archive_name,
    simulate_cosmetics_month,
)
from ecommerce_assets.domains.cosmetics.simulator.rhythm import file_name
from ecommerce_assets_tests.unit.domains.conftest import CALENDAR, SEED, Shop, moment

Content = Callable[..., bytes]

LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC,(view|cart|remove_from_cart|purchase),"
    r"\d{4,7},\d{19},[a-z_.]*,[a-z.]*,-?\d+\.\d\d,\d{9},"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?"
)


def share(shop: Shop, column: str, value: str) -> float:
    return sum(row[column] == value for row in shop.all_rows) / len(shop.all_rows)


def sessions_by(shop: Shop) -> dict[str, set[str]]:
    """Event types of each session id of the data set."""
    kinds: dict[str, set[str]] = {}
    for row in shop.all_rows:
        if row["user_session"]:
            kinds.setdefault(row["user_session"], set()).add(row["event_type"])
    return kinds


def test_the_same_arguments_give_the_same_bytes(content: Content) -> None:
    assert content() == content()
    assert content(name="a.zip") == content(name="a.zip")


@pytest.mark.parametrize("change", [{"seed": SEED + 1}, {"events": 1_001}, {"month": CALENDAR[3]}])
def test_another_seed_size_or_month_gives_other_bytes(
    content: Content, change: dict[str, object]
) -> None:
    assert content() != content(**change)


def test_months_do_not_depend_on_the_order_in_which_they_are_written(content: Content) -> None:
    forward = [content(month) for month in CALENDAR]
    backward = [content(month) for month in reversed(CALENDAR)]
    assert forward == backward[::-1]


def test_a_calendar_prolonged_at_its_end_leaves_the_earlier_files_as_they_were(
    content: Content,
) -> None:
    longer = (*CALENDAR, date(2020, 3, 1))
    for month in CALENDAR:
        assert content(month) == content(month, calendar=longer)


def test_header_and_lines_are_laid_out_like_the_original(shop: Shop) -> None:
    text = shop.paths[CALENDAR[0]].read_bytes().decode("utf-8")
    header, *lines, end = text.split("\n")
    assert header == (
        "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"
    )
    assert end == ""
    assert [line for line in lines if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize("events", [200, 333, 1_000, 20_011])
@pytest.mark.parametrize("month", [CALENDAR[0], CALENDAR[2], CALENDAR[-1]])
def test_a_month_has_exactly_the_rows_that_were_ordered(
    content: Content, events: int, month: date
) -> None:
    assert content(month, events=events).count(b"\n") == events + 1


def test_no_seed_leaves_the_smallest_month_short_of_rows(content: Content) -> None:
    for seed in range(12):
        assert content(CALENDAR[2], events=200, seed=seed).count(b"\n") == 201


def test_rows_rise_in_time_and_stay_in_their_month(shop: Shop) -> None:
    for month, rows in shop.rows.items():
        times = [moment(row) for row in rows]
        assert all(one <= other for one, other in pairwise(times))
        assert {time.date().replace(day=1) for time in times} == {month}


def test_an_archive_holds_the_csv_as_one_member_without_a_clock(
    content: Content, tmp_path: Path
) -> None:
    plain = content()
    content(name=archive_name(CALENDAR[1]))
    with zipfile.ZipFile(tmp_path / "2019-Nov.csv.zip") as archive:
        (member,) = archive.infolist()
        assert archive.testzip() is None
        assert archive.read(member) == plain
    assert (member.filename, member.compress_type) == ("2019-Nov.csv", zipfile.ZIP_DEFLATED)
    assert member.date_time == (1980, 1, 1, 0, 0, 0)


def test_files_are_named_in_english() -> None:
    assert file_name(date(2020, 5, 1)) == "2020-May.csv"


def test_no_partial_file_is_left_beside_the_target(content: Content, tmp_path: Path) -> None:
    content()
    assert [path.name for path in tmp_path.iterdir()] == ["month.csv"]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("view", 0.467), ("cart", 0.279), ("remove_from_cart", 0.192), ("purchase", 0.062)],
)
def test_event_types_are_mixed_as_in_the_original(shop: Shop, kind: str, expected: float) -> None:
    assert share(shop, "event_type", kind) == pytest.approx(expected, abs=0.015)


@pytest.mark.parametrize(
    ("column", "value", "expected", "tolerance"),
    [
        ("brand", "", 0.423, 0.03),
        ("category_code", "", 0.983, 0.008),
        ("user_session", "", 0.00022, 0.0004),
        ("price", "0.00", 0.005, 0.003),
    ],
)
def test_values_are_missing_as_often_as_in_the_original(
    shop: Shop, column: str, value: str, expected: float, tolerance: float
) -> None:
    found = share(shop, column, value)
    assert 0 < found == pytest.approx(expected, abs=tolerance)


def test_exact_duplicates_are_as_frequent_as_in_the_original(shop: Shop) -> None:
    rows, excess = Counter[str](), Counter[str]()
    for row, times in Counter(tuple(row.values()) for row in shop.all_rows).items():
        rows[row[1]] += times
        excess[row[1]] += times - 1
    assert excess.total() / rows.total() == pytest.approx(0.0536, abs=0.005)
    assert excess["remove_from_cart"] / rows["remove_from_cart"] == pytest.approx(0.249, abs=0.01)
    assert excess["cart"] / rows["cart"] == pytest.approx(0.02, abs=0.004)
    assert excess["purchase"] / rows["purchase"] < 0.003


def test_few_sessions_buy_and_most_carts_are_left(shop: Shop) -> None:
    kinds = sessions_by(shop).values()
    carts = [one for one in kinds if "cart" in one]
    assert sum("purchase" in one for one in kinds) / len(kinds) == pytest.approx(0.0345, abs=0.003)
    assert sum("purchase" not in one for one in carts) / len(carts) == pytest.approx(
        0.842, abs=0.015
    )


def test_sessions_and_users_are_as_many_as_in_the_original(shop: Shop) -> None:
    users = {row["user_id"] for row in shop.all_rows}
    sessions = sessions_by(shop)
    assert len(shop.all_rows) / len(sessions) == pytest.approx(4.56, abs=0.1)
    assert len(sessions) / len(users) == pytest.approx(2.77, abs=0.1)


def test_the_oddities_of_the_original_occur(shop: Shop) -> None:
    owners: dict[str, set[str]] = {}
    times: dict[str, list[object]] = {}
    orders = Counter[tuple[str, str]]()
    brands: dict[str, set[str]] = {}
    for row in shop.all_rows:
        brands.setdefault(row["product_id"], set()).add(row["brand"])
        if row["user_session"]:
            owners.setdefault(row["user_session"], set()).add(row["user_id"])
            times.setdefault(row["user_session"], []).append(moment(row))
        if row["event_type"] == "purchase":
            orders[row["user_session"], row["event_time"]] += 1
    assert max(len(users) for users in owners.values()) == 2
    assert any((max(seen) - min(seen)).days >= 1 for seen in times.values())  # type: ignore[operator]
    assert max(orders.values()) > 10
    assert any("" in names and len(names) == 2 for names in brands.values())
    assert {r["event_type"] for r in shop.all_rows if r["price"].startswith("-")} == {"purchase"}


def test_sessions_that_cross_a_months_end_are_in_both_files_with_their_user(shop: Shop) -> None:
    for earlier, later in pairwise(CALENDAR):
        heads, tails = (
            {row["user_session"]: row["user_id"] for row in shop.rows[month] if row["user_session"]}
            for month in (earlier, later)
        )
        both = heads.keys() & tails.keys()
        assert len(both) >= 2
        assert {one: heads[one] for one in both} == {one: tails[one] for one in both}


def test_black_friday_is_the_busiest_day_of_its_month(shop: Shop) -> None:
    days = Counter(row["event_time"][:10] for row in shop.rows[date(2019, 11, 1)])
    assert days.most_common(1)[0][0] == "2019-11-29"


def test_nights_are_quiet(shop: Shop) -> None:
    hours = Counter(row["event_time"][11:13] for row in shop.all_rows)
    assert hours["01"] < hours["18"] / 3


def test_the_catalogue_is_the_same_in_every_month(shop: Shop) -> None:
    categories: dict[str, set[tuple[str, str]]] = {}
    for row in shop.all_rows:
        key = (row["category_id"], row["category_code"])
        categories.setdefault(row["product_id"], set()).add(key)
    assert {len(seen) for seen in categories.values()} == {1}


def test_months_outside_the_original_calendar_can_be_made(content: Content) -> None:
    two_years = tuple(date(2021 + n // 12, n % 12 + 1, 1) for n in range(24))
    text = content(date(2022, 2, 1), calendar=two_years)
    assert text.split(b"\n")[1].startswith(b"2022-02-01 ")


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"events": 199}, "at least 200"),
        ({"events": 40_000_001}, "more months"),
        ({"seed": -1}, "0 or more"),
        ({"month": date(2020, 3, 1)}, "not in the calendar"),
        ({"month": date(2019, 11, 2)}, "not in the calendar"),
        ({"calendar": (date(2019, 10, 1), date(2019, 12, 1))}, "every month"),
        ({"calendar": ()}, "every month"),
    ],
)
def test_a_refusal_says_what_to_do(content: Content, change: dict[str, object], hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        content(**change)


def test_a_refused_month_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least"):
        simulate_cosmetics_month(
            CALENDAR[0], tmp_path / "a.csv", events=1, seed=1, calendar=CALENDAR
        )
    assert list(tmp_path.iterdir()) == []
