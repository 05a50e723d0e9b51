"""Small shops, each made once, and readers that know only their files."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pytest

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.domains.cosmetics.simulator.truth import MonthTruth
from ecommerce_assets.domains.electronics.simulator.file import simulate_electronics
from ecommerce_assets.domains.electronics.simulator.truth import ElectronicsTruth
from ecommerce_assets.domains.retail.simulator.file import simulate_retail
from ecommerce_assets.domains.retail.simulator.truth import RetailTruth

CALENDAR = tuple(
    date(*month, 1) for month in ((2019, 10), (2019, 11), (2019, 12), (2020, 1), (2020, 2))
)
EVENTS = 12_000
SEED = 7

ELECTRONICS_CALENDAR = tuple(date(2020, month, 1) for month in range(1, 12))
ELECTRONICS_ROWS = 40_000
RETAIL_CALENDAR = (date(2010, 12, 1), *(date(2011, month, 1) for month in range(1, 13)))
RETAIL_ROWS = 30_000

Row = dict[str, str]


@dataclass(frozen=True)
class Shop:
    """The files of a data set, their rows as text, and the published truths, by month."""

    paths: dict[date, Path]
    rows: dict[date, list[Row]]
    truths: dict[date, MonthTruth]

    @property
    def all_rows(self) -> list[Row]:
        return [row for month in CALENDAR for row in self.rows[month]]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, quoting=csv.QUOTE_NONE))


def moment(row: Row) -> datetime:
    return datetime.strptime(row["event_time"], "%Y-%m-%d %H:%M:%S UTC")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    home = tmp_path_factory.mktemp("cosmetics")
    paths = {month: home / f"{month}.csv" for month in CALENDAR}
    truths = {
        month: simulate_cosmetics_month(month, path, events=EVENTS, seed=SEED, calendar=CALENDAR)
        for month, path in paths.items()
    }
    return Shop(paths, {month: read(path) for month, path in paths.items()}, truths)


@pytest.fixture
def content(tmp_path: Path) -> Callable[..., bytes]:
    """The bytes of one month; arguments replace the defaults."""

    def write(month: date = CALENDAR[1], *, name: str = "month.csv", **changes: object) -> bytes:
        arguments = {"events": 1_000, "seed": SEED, "calendar": CALENDAR} | changes
        simulate_cosmetics_month(month, tmp_path / name, **arguments)  # type: ignore[arg-type]
        return (tmp_path / name).read_bytes()

    return write


@dataclass(frozen=True)
class Purchases:
    """The electronics shop's file, its rows as text, and what it planted."""

    path: Path
    rows: list[Row]
    truth: ElectronicsTruth


@dataclass(frozen=True)
class Invoices:
    """The gift shop's file, its rows as text, and what it planted."""

    path: Path
    rows: list[Row]
    truth: RetailTruth


@pytest.fixture(scope="session")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Purchases:
    path = tmp_path_factory.mktemp("electronics") / "kz.csv"
    truth = simulate_electronics(
        path, rows=ELECTRONICS_ROWS, seed=SEED, calendar=ELECTRONICS_CALENDAR
    )
    return Purchases(path, read(path), truth)


@pytest.fixture(scope="session")
def invoices(tmp_path_factory: pytest.TempPathFactory) -> Invoices:
    path = tmp_path_factory.mktemp("retail") / "data.csv"
    truth = simulate_retail(path, rows=RETAIL_ROWS, seed=SEED, calendar=RETAIL_CALENDAR)
    with path.open(encoding="cp1252", newline="") as lines:
        return Invoices(path, list(csv.DictReader(lines)), truth)
