"""The gift shop's file: reproducible, laid out and mixed like the original."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecommerce_assets.domains.retail.simulator.file import simulate_retail
from ecommerce_assets_tests.unit.domains.conftest import (
    RETAIL_CALENDAR,
    RETAIL_ROWS,
    SEED,
    Invoices,
    Row,
)

Content = Callable[..., bytes]

SERVICES = re.compile(
    r"POST|DOT|[Mm]|C2|D|S|BANK CHARGES|AMAZONFEE|CRUK|DCGS\w+|gift_0001_\d0|PADS|B"
)


@pytest.fixture
def content(tmp_path: Path) -> Content:
    """The bytes of a file; arguments replace the defaults."""

    def write(name: str = "data.csv", **changes: object) -> bytes:
        arguments = {"rows": 3_000, "seed": SEED, "calendar": RETAIL_CALENDAR} | changes
        simulate_retail(tmp_path / name, **arguments)  # type: ignore[arg-type]
        return (tmp_path / name).read_bytes()

    return write


def moment(row: Row) -> datetime:
    return datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M")


def share(invoices: Invoices, found: Callable[[Row], bool]) -> float:
    return sum(found(row) for row in invoices.rows) / RETAIL_ROWS


def test_the_same_arguments_give_the_same_bytes(content: Content) -> None:
    assert content() == content()
    assert content("a.zip") == content("a.zip")


@pytest.mark.parametrize(
    "change", [{"seed": SEED + 1}, {"rows": 3_001}, {"calendar": RETAIL_CALENDAR[:-1]}]
)
def test_another_seed_size_or_calendar_gives_other_bytes(
    content: Content, change: dict[str, object]
) -> None:
    assert content() != content(**change)


@settings(max_examples=15, deadline=None)
@given(
    rows=st.integers(500, 4_000),
    seed=st.integers(0, 2**40),
    first=st.integers(0, 30),
    months=st.integers(1, 14),
)
def test_any_seed_size_and_calendar_fill_the_file_exactly(
    rows: int, seed: int, first: int, months: int
) -> None:
    calendar = [date(2009 + n // 12, n % 12 + 1, 1) for n in range(first, first + months)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.csv"
        truth = simulate_retail(path, rows=rows, seed=seed, calendar=calendar)
        with path.open(encoding="cp1252", newline="") as lines:
            found = list(csv.DictReader(lines))
    assert len(found) == rows == sum(one.part.rows for one in truth.months)
    days = {moment(row).date() for row in found}
    assert calendar[0] <= min(days)
    assert max(days) <= calendar[-1].replace(day=9)
    assert truth.links.exact >= 2
    assert truth.links.none > 0


def test_the_file_is_windows_1252_with_lf_and_as_few_quotes_as_possible(
    invoices: Invoices,
) -> None:
    raw = invoices.path.read_bytes()
    assert b"\xa3" in raw
    assert b"\r" not in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    text = raw.decode("cp1252")
    again = io.StringIO(newline="")
    csv.writer(again, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerows(
        csv.reader(io.StringIO(text, newline=""))
    )
    assert again.getvalue() == text
    assert text.split("\n")[0] == (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
    )
    assert re.search(r',"[^"\n]*""[^"\n]*",', text)


def test_every_field_is_spelled_like_the_original(invoices: Invoices) -> None:
    patterns = {
        "InvoiceNo": r"[CA]?5\d{5}",
        "StockCode": rf"\d{{5}}[A-Za-z]?|{SERVICES.pattern}",
        "Quantity": r"-?[1-9]\d*",
        "InvoiceDate": r"([1-9]|1[0-2])/[1-9]\d?/20\d\d ([7-9]|1\d|2[01]):\d\d",
        "UnitPrice": r"-?(0|[1-9]\d*)(\.\d{0,2}[1-9])?",
        "CustomerID": r"(1\d{4})?",
        "Country": r"[A-Z][A-Za-z ]+",
    }
    for column, pattern in patterns.items():
        wrong = [row for row in invoices.rows if not re.fullmatch(pattern, row[column])]
        assert wrong == [], column


def test_rows_rise_in_time_and_numbers_with_them(invoices: Invoices) -> None:
    times = [moment(row) for row in invoices.rows]
    assert all(one <= other for one, other in pairwise(times))
    assert (times[0].date(), times[-1].date()) == (date(2010, 12, 1), date(2011, 12, 9))
    first = {row["InvoiceNo"].lstrip("CA"): moment(row) for row in reversed(invoices.rows)}
    started = [first[number] for number in sorted(first)]
    assert started == sorted(started)


def test_the_shop_is_closed_on_saturdays_and_over_christmas(invoices: Invoices) -> None:
    days = {moment(row).date() for row in invoices.rows}
    assert 5 not in {day.weekday() for day in days}
    assert not [day for day in days if date(2010, 12, 24) <= day <= date(2011, 1, 3)]
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4, 6}


def test_november_is_the_strongest_month(invoices: Invoices) -> None:
    months = Counter(f"{moment(row):%Y-%m}" for row in invoices.rows)
    assert months.most_common(1)[0][0] == "2011-11"
    assert months["2011-12"] < months["2011-11"] / 2


def test_an_archive_holds_the_csv_as_one_member_without_a_clock(
    content: Content, tmp_path: Path
) -> None:
    plain = content()
    content("delivery.zip")
    with zipfile.ZipFile(tmp_path / "delivery.zip") as archive:
        (member,) = archive.infolist()
        assert archive.read(member) == plain
    assert (member.filename, member.date_time) == ("data.csv", (1980, 1, 1, 0, 0, 0))


@pytest.mark.parametrize(
    ("found", "expected", "tolerance"),
    [
        (lambda row: not row["CustomerID"], 0.2493, 0.01),
        (lambda row: not row["Description"], 0.00268, 0.0003),
        (lambda row: row["InvoiceNo"].startswith("C"), 0.01714, 0.001),
        (lambda row: row["Quantity"].startswith("-"), 0.0196, 0.001),
        (lambda row: row["UnitPrice"] == "0", 0.00464, 0.0005),
        (lambda row: row["Country"] == "United Kingdom", 0.914, 0.03),
        (lambda row: '"' in row["Description"] or "," in row["Description"], 0.0271, 0.006),
        (lambda row: row["Description"] != row["Description"].strip(), 0.209, 0.02),
        (lambda row: "  " in row["Description"].strip(), 0.0411, 0.01),
    ],
)
def test_oddities_are_as_frequent_as_in_the_original(
    invoices: Invoices, found: Callable[[Row], bool], expected: float, tolerance: float
) -> None:
    assert share(invoices, found) == pytest.approx(expected, abs=tolerance)


def test_exact_duplicates_are_as_frequent_as_in_the_original(invoices: Invoices) -> None:
    lines = Counter(tuple(row.values()) for row in invoices.rows)
    assert (RETAIL_ROWS - len(lines)) / RETAIL_ROWS == pytest.approx(0.00972, abs=0.001)


def test_services_adjustments_and_bad_debt_occur(invoices: Invoices) -> None:
    codes = Counter(row["StockCode"] for row in invoices.rows)
    wanted = {"POST", "DOT", "M", "m", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE", "CRUK"}
    wanted |= {"PADS", "B", "DCGSSGIRL", "gift_0001_20"}
    assert wanted <= codes.keys()
    assert codes["POST"] > codes["DOT"] > codes["M"] > codes["D"]
    notes = {row["Description"] for row in invoices.rows if row["UnitPrice"] == "0"}
    assert {"check", "?", "damages"} & notes
    debts = [row for row in invoices.rows if row["InvoiceNo"].startswith("A")]
    assert [row["UnitPrice"] for row in debts] == ["11062.06", "-11062.06", "-11062.06"]
    assert {row["StockCode"] for row in debts} == {"B"}
    assert {row["UnitPrice"] for row in invoices.rows if row["StockCode"] == "PADS"} == {"0.001"}


def test_a_pound_sign_occurs_on_few_rows(invoices: Invoices) -> None:
    signs = [row["StockCode"] for row in invoices.rows if "£" in row["Description"]]
    assert 0 < len(signs) < 20
    assert all(code.startswith("gift_0001_") for code in signs)


def test_some_codes_are_spelled_in_both_cases(invoices: Invoices) -> None:
    codes = {row["StockCode"] for row in invoices.rows if row["StockCode"][0].isdigit()}
    small = {code for code in codes if code != code.upper()}
    assert small
    assert {code.upper() for code in small} & codes


def test_items_have_several_descriptions(invoices: Invoices) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for row in invoices.rows:
        if row["UnitPrice"] != "0":
            names[row["StockCode"].upper()].add(row["Description"])
    assert 0.15 < sum(len(seen) > 1 for seen in names.values()) / len(names) < 0.45


def test_huge_quantities_are_cancelled_within_minutes(invoices: Invoices) -> None:
    for units, minutes in (("74215", 16), ("80995", 12)):
        sale, undone = (
            next(row for row in invoices.rows if row["Quantity"] == sign + units)
            for sign in ("", "-")
        )
        assert (moment(undone) - moment(sale)).seconds == 60 * minutes
        assert undone["InvoiceNo"].startswith("C")
        same = ("StockCode", "UnitPrice", "CustomerID", "Country", "Description")
        assert [sale[column] for column in same] == [undone[column] for column in same]


def test_every_cancellation_takes_something_back(invoices: Invoices) -> None:
    for row in invoices.rows:
        if row["InvoiceNo"].startswith("C"):
            assert row["Quantity"].startswith("-")
            assert not row["UnitPrice"].startswith("-")


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"rows": 499}, "500 to 2000000 rows"),
        ({"rows": 2_000_001}, "500 to 2000000 rows"),
        ({"seed": -1}, "0 or more"),
        ({"calendar": ()}, "every month"),
        ({"calendar": (date(2011, 1, 1), date(2011, 3, 1))}, "every month"),
        ({"calendar": (date(2011, 1, 9),)}, "every month"),
    ],
)
def test_a_refusal_says_what_to_do_and_writes_nothing(
    content: Content, tmp_path: Path, change: dict[str, object], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        content(**change)
    assert list(tmp_path.iterdir()) == []
