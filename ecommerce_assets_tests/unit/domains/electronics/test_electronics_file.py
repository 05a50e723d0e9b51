"""The electronics file: reproducible, laid out and mixed like the original."""

from __future__ import annotations

import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_assets.domains.electronics.simulator.file import simulate_electronics
from ecommerce_assets_tests.unit.domains.conftest import (
    ELECTRONICS_CALENDAR,
    ELECTRONICS_ROWS,
    SEED,
    Purchases,
    Row,
    moment,
)

Content = Callable[..., bytes]

ORDINARY = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC,\d{19},\d{19},\d{19},[a-z_.]*,[a-z]*,\d+\.\d\d,(\d{19})?"
)
SHIFTED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC,\d{19},\d{19},,\d+\.\d\d,(\d{19})?,,")
SENTINEL = "1970-01-01 00:33:40 UTC"


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """The bytes of a file; arguments replace the defaults."""

    def write(name: str = "kz.csv", **changes: object) -> bytes:
        arguments = {"rows": 1_500, "seed": SEED, "calendar": ELECTRONICS_CALENDAR} | changes
        simulate_electronics(tmp_path / name, **arguments)  # type: ignore[arg-type]
        return (tmp_path / name).read_bytes()

    return write


def dated(purchases: Purchases) -> list[Row]:
    return [row for row in purchases.rows if row["event_time"] != SENTINEL]


def share(purchases: Purchases, column: str, value: str = "") -> float:
    return sum(row[column] == value for row in purchases.rows) / len(purchases.rows)


def test_the_same_arguments_give_the_same_bytes(content: Content) -> None:
    assert content() == content()
    assert content("a.zip") == content("a.zip")


@pytest.mark.parametrize(
    "change", [{"seed": SEED + 1}, {"rows": 1_501}, {"calendar": ELECTRONICS_CALENDAR[:-1]}]
)
def test_another_seed_size_or_calendar_gives_other_bytes(
    content: Content, change: dict[str, object]
) -> None:
    assert content() != content(**change)


def test_header_and_lines_are_laid_out_like_the_original(purchases: Purchases) -> None:
    header, *lines, end = purchases.path.read_bytes().decode("utf-8").split("\n")
    assert header == (
        "event_time,order_id,product_id,category_id,category_code,brand,price,user_id"
    )
    assert end == ""
    assert len(lines) == ELECTRONICS_ROWS
    ordinary = [line for line in lines if ORDINARY.fullmatch(line)]
    shifted = [line for line in lines if SHIFTED.fullmatch(line)]
    assert len(ordinary) + len(shifted) == len(lines)
    assert len(shifted) == purchases.truth.everything.shifted_rows


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(500, 3_000),
    seed=st.integers(0, 2**40),
    first=st.integers(0, 30),
    months=st.integers(1, 14),
)
def test_any_seed_size_and_calendar_fill_the_file_exactly(
    rows: int, seed: int, first: int, months: int
) -> None:
    calendar = [date(2018 + n // 12, n % 12 + 1, 1) for n in range(first, first + months)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kz.csv"
        truth = simulate_electronics(path, rows=rows, seed=seed, calendar=calendar)
        lines = path.read_text(encoding="utf-8").split("\n")[1:-1]
    assert len(lines) == rows == truth.everything.rows
    assert truth.undated.rows + sum(one.part.rows for one in truth.months) == rows
    months_seen = {line[:8] for line in lines if not line.startswith(SENTINEL)}
    assert months_seen <= {f"{month:%Y-%m}-" for month in calendar}
    assert len(lines) - len(set(lines)) == truth.everything.exact_duplicate_rows


def test_rows_rise_in_time_over_the_whole_span(purchases: Purchases) -> None:
    times = [moment(row) for row in dated(purchases)]
    assert all(one <= other for one, other in pairwise(times))
    assert f"{times[0]:%Y-%m-%d}" == "2020-01-05"
    assert f"{times[-1]:%Y-%m-%d %H:%M:%S}" == "2020-11-21 10:10:30"
    assert {time.month for time in times} == set(range(1, 12))


def test_rows_without_a_date_stand_among_the_others_and_are_whole_orders(
    purchases: Purchases,
) -> None:
    undated = {row["order_id"] for row in purchases.rows if row["event_time"] == SENTINEL}
    assert len(undated) >= 3
    assert undated.isdisjoint(row["order_id"] for row in dated(purchases))
    places = [n for n, row in enumerate(purchases.rows) if row["event_time"] == SENTINEL]
    assert places[0] > 0
    assert places[-1] - places[0] > len(places)


def test_an_archive_holds_the_csv_as_one_member_without_a_clock(
    content: Content, tmp_path: Path
) -> None:
    plain = content()
    content("delivery.zip")
    with zipfile.ZipFile(tmp_path / "delivery.zip") as archive:
        (member,) = archive.infolist()
        assert archive.read(member) == plain
    assert (member.filename, member.date_time) == ("kz.csv", (1980, 1, 1, 0, 0, 0))


def test_no_float_holds_an_id(purchases: Purchases) -> None:
    for column in ("order_id", "product_id", "category_id", "user_id"):
        ids = {int(row[column]) for row in purchases.rows if row[column]}
        assert all(int(float(one)) != one for one in ids)
        assert max(ids) < 2**63


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("category_id", 0.16402),
        ("category_code", 0.23247),
        ("brand", 0.19214),
        ("price", 0.16402),
        ("user_id", 0.78577),
    ],
)
def test_values_are_missing_as_often_as_in_the_original(
    purchases: Purchases, column: str, expected: float
) -> None:
    assert share(purchases, column) == pytest.approx(expected, abs=0.01)


def test_a_shifted_row_has_its_price_and_user_further_left(purchases: Purchases) -> None:
    shifted = [row for row in purchases.rows if not row["price"]]
    known = sum(bool(row["brand"]) for row in shifted)
    assert all(re.fullmatch(r"\d+\.\d\d", row["category_code"]) for row in shifted)
    assert not any(row["category_id"] or row["user_id"] for row in shifted)
    assert known / len(shifted) == pytest.approx(0.256, abs=0.03)
    users = {row["user_id"] for row in purchases.rows} - {""}
    assert {row["brand"] for row in shifted} & users


def test_a_product_is_shifted_always_or_never_and_has_one_brand(purchases: Purchases) -> None:
    brands: dict[str, set[tuple[str, str, bool]]] = defaultdict(set)
    for row in purchases.rows:
        is_shifted = not row["price"]
        brand = "" if is_shifted else row["brand"]
        brands[row["product_id"]].add((brand, row["category_id"], is_shifted))
    assert {len(seen) for seen in brands.values()} == {1}


def test_orders_are_as_large_as_in_the_original(purchases: Purchases) -> None:
    orders = Counter(row["order_id"] for row in purchases.rows)
    assert len(purchases.rows) / len(orders) == pytest.approx(1.835, abs=0.01)
    assert max(orders.values()) > 6


def test_an_order_has_one_user(purchases: Purchases) -> None:
    users: dict[str, set[str]] = defaultdict(set)
    for row in purchases.rows:
        users[row["order_id"]].add(row["user_id"] if row["price"] else row["brand"])
    assert {len(seen) for seen in users.values()} == {1}


def test_orders_cross_the_end_of_a_month_within_seconds(purchases: Purchases) -> None:
    times = defaultdict(set)
    for row in dated(purchases):
        times[row["order_id"]].add(moment(row))
    several = [(min(seen), max(seen)) for seen in times.values() if len(seen) > 1]
    assert len(several) == 20
    assert {(last.month, last.day, last.hour, last.minute) for _, last in several} == {
        (month, 1, 0, 0) for month in range(2, 12)
    }
    assert all(
        first.month == last.month - 1 and (last - first).seconds < 20 for first, last in several
    )


def test_spring_slumps_june_peaks_and_nights_are_quiet(purchases: Purchases) -> None:
    rows = dated(purchases)
    months = Counter(row["event_time"][:7] for row in rows)
    assert months["2020-06"] / len(rows) == pytest.approx(403_632 / 2_633_521, abs=0.01)
    assert months["2020-04"] / len(rows) == pytest.approx(57_874 / 2_633_521, abs=0.005)
    assert months.most_common(1)[0][0] == "2020-06"
    assert min(months, key=lambda month: months[month]) == "2020-04"
    late_march = sum("2020-03-16" <= row["event_time"] < "2020-04" for row in rows)
    assert late_march < months["2020-03"] / 3
    hours = Counter(row["event_time"][11:13] for row in rows)
    assert hours["20"] < hours["08"] / 8


def test_a_few_products_and_one_brand_make_most_of_the_value(purchases: Purchases) -> None:
    by_brand, by_product = Counter[str](), Counter[str]()
    for row in purchases.rows:
        if row["price"]:
            by_brand[row["brand"]] += round(float(row["price"]) * 100)
        by_product[row["product_id"]] += round(float(row["price"] or row["category_code"]) * 100)
    value = sum(by_brand.values())
    assert by_brand.most_common(1)[0][0] == "samsung"
    assert by_brand["samsung"] / value == pytest.approx(0.27, abs=0.03)
    ranked = sorted(by_product.values(), reverse=True)
    top = sum(ranked[: len(ranked) * 5 // 100])
    assert 0.4 < top / sum(ranked) < 0.75


def test_some_things_are_free_and_prices_change(purchases: Purchases) -> None:
    prices: dict[str, set[str]] = defaultdict(set)
    for row in purchases.rows:
        prices[row["product_id"]].add(row["price"] or row["category_code"])
    assert {"0.00"} in prices.values()
    assert any(len(seen) > 1 for seen in prices.values())


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"rows": 499}, "500 to 7500000 rows"),
        ({"rows": 7_500_001}, "500 to 7500000 rows"),
        ({"seed": -1}, "0 or more"),
        ({"calendar": ()}, "every month"),
        ({"calendar": (date(2020, 1, 1), date(2020, 3, 1))}, "every month"),
        ({"calendar": (date(2020, 1, 5),)}, "every month"),
        ({"calendar": (date(2011, 12, 1), date(2012, 1, 1))}, "begin it later"),
    ],
)
def test_a_refusal_says_what_to_do_and_writes_nothing(
    content: Content, tmp_path: Path, change: dict[str, object], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        content(**change)
    assert list(tmp_path.iterdir()) == []
