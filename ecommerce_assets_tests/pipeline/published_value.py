"""Months on Kaggle's server whose sales meet a published figure, until one of them is altered.

Belongs here: the files, the settings that read them, and what is stored of the figure. Stays out:
the commands and the UI that judge it. Files of a thousand rows differ from most published figures,
which speak of millions of rows; a month's purchase value is met by one large price.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.domains.cosmetics.sources import KAGGLE_DATASET
from ecommerce_assets.domains.cosmetics.truths import KAGGLE, published_truths
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets.lib.truths import Verdict, read_verdicts
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer

METRIC = "purchase_value"
OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)
MONTHS = [OCT, NOV, DEC]
RANGE = "2019-10:2019-12"
EVENTS, SEED = 1_000, 42
CENT = Decimal("0.01")


class PublishedMonths:
    """Three months on a server of Kaggle's; the purchases of each are worth what was published."""

    def __init__(self, server: KaggleServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        expected = {truth.first: truth.expected for truth in published_truths()
                    if truth.metric == METRIC and truth.first == truth.last}  # fmt: skip
        self._files = {m: self._worth(m, expected[m]) for m in MONTHS}
        self._publish()

    @property
    def variables(self) -> dict[str, str]:
        """The settings of a lakehouse that reads these months."""
        return {
            "ECOMMERCE_COSMETICS_MONTHS": RANGE,
            "ECOMMERCE_COSMETICS_SOURCE": "kaggle",
            "ECOMMERCE_KAGGLE_ENDPOINT": self._server.url,
            "KAGGLE_USERNAME": "demo",
            "KAGGLE_KEY": self._server.keys["demo"],
        }

    def alter(self, month: date) -> None:
        """Publish another version of the data set: a purchase of this month costs a cent more."""
        header, *lines = self._files[month].decode().splitlines()
        (row,) = [place for place, line in enumerate(lines) if _is_large(line)]
        self._files[month] = _file(header, _with_price(lines, row, _price(lines[row]) + CENT))
        self._publish()

    def _worth(self, month: date, value: Decimal) -> bytes:
        """A simulated month's file in which the last purchase makes up for the difference."""
        path = self._folder / month_file_name(month)
        simulate_cosmetics_month(month, path, events=EVENTS, seed=SEED, calendar=MONTHS)
        header, *lines = path.read_text().splitlines()
        purchases = [place for place, line in enumerate(lines) if ",purchase," in line]
        missing = value - sum(_price(lines[place]) for place in purchases)
        row = purchases[-1]
        return _file(header, _with_price(lines, row, _price(lines[row]) + missing))

    def _publish(self) -> None:
        files = {month_file_name(month): content for month, content in self._files.items()}
        self._server.publish(KAGGLE_DATASET, files)


@contextmanager
def published_months(folder: Path) -> Iterator[PublishedMonths]:
    """The months on a running server while the block lasts."""
    with KaggleServer() as server:
        yield PublishedMonths(server, folder)


def stored(home: Path) -> dict[date, Verdict]:
    """What is stored of the published purchase value of each month."""
    verdicts = read_verdicts(Lake((home / "lake").as_uri()), "cosmetics.events")
    own = [v for v in verdicts if (v.dataset, v.metric) == (KAGGLE, METRIC) and ":" not in v.scope]
    return {date.fromisoformat(f"{verdict.scope}-01"): verdict for verdict in own}


def require_met(before: dict[date, Verdict]) -> None:
    """The figure of each month is met, and its verdict says of which rows and when."""
    assert {month: before[month].status for month in MONTHS} == dict.fromkeys(MONTHS, "matches")
    assert all(before[month].judged and before[month].checked_at for month in MONTHS)


def require_october_judged_again(before: dict[date, Verdict], after: dict[date, Verdict]) -> None:
    """October's figure is missed, November's was judged beside other rows, December's stands."""
    october, november = after[OCT], after[NOV]
    assert october.status == "differs"
    assert Decimal(str(october.found)) == Decimal(october.expected) + CENT
    assert f"expected {Decimal(october.expected):,}" in str(october.reason)
    assert november.status == "matches"
    for month in (OCT, NOV):
        old, new = before[month], after[month]
        assert new.checked_at > old.checked_at
        assert new.made_from != old.made_from
        assert _version(new, OCT) != _version(old, OCT)
        assert _version(new, NOV) == _version(old, NOV)
    assert after[DEC] == before[DEC]


def _version(verdict: Verdict, month: date) -> str:
    """The content of a month that a verdict judged."""
    return dict(part.split("=", 1) for part in verdict.judged.split())[f"{month:%Y-%m}"]


def _is_large(line: str) -> bool:
    return ",purchase," in line and _price(line) > 100_000


def _price(line: str) -> Decimal:
    return Decimal(line.split(",")[6])


def _with_price(lines: list[str], row: int, price: Decimal) -> list[str]:
    cells = lines[row].split(",")
    cells[6] = f"{price:.2f}"
    return [*lines[:row], ",".join(cells), *lines[row + 1 :]]


def _file(header: str, lines: list[str]) -> bytes:
    return ("\n".join([header, *lines]) + "\n").encode()
