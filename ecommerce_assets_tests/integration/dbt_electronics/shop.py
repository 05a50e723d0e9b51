"""A small purchase history of an electronics store, with a case for every rule at its edge.

Belongs here: the rows as the lake and the quarantine hold them. Keep out what the models should
make of them: that is `reference`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

#: The month before the published file's first.
START = datetime(2019, 12, 1, tzinfo=UTC)
#: Both years have a January, so that one can be compared with the other.
END = datetime(2021, 2, 1, tzinfo=UTC)
SENTINEL = "sentinel_timestamp:event_time"
COLUMNS = {
    "event_time": "timestamptz",
    "order_id": "bigint",
    "product_id": "bigint",
    "category_id": "bigint",
    "category_code": "varchar",
    "brand": "varchar",
    "price": "decimal(9, 2)",
    "user_id": "bigint",
    "source_row_no": "bigint",
}
QUARANTINE = {
    "dataset": "varchar",
    "month": "date",
    "file_name": "varchar",
    "line": "bigint",
    "accepted_before": "bigint",
    "reasons": "varchar[]",
    "raw_line": "varchar",
    "source_sha256": "varchar",
    "contract_version": "varchar",
    "load_key": "varchar",
    "run_id": "varchar",
}


@dataclass(frozen=True)
class Unit:
    """One row as delivered: one unit sold."""

    at: datetime
    order: int
    product: int
    category: int | None = 2268105426648170900
    code: str | None = None
    brand: str | None = None
    price: Decimal | None = Decimal("10.00")
    user: int | None = None
    row_no: int = -1

    @property
    def delivered(self) -> tuple[object, ...]:
        """The eight columns of the file."""
        return (
            self.at,
            self.order,
            self.product,
            self.category,
            self.code,
            self.brand,
            self.price,
            self.user,
        )

    @property
    def line(self) -> str:
        """The row as the text of its line, without a time that the store knew."""
        texts = ("" if value is None else str(value) for value in self.delivered[1:])
        return ",".join(["1970-01-01 00:33:40 UTC", *texts])


def at(text: str) -> datetime:
    """The UTC instant written as `2020-01-31 23:59:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shifted(when: str, order: int, price: str, user: str | None) -> Unit:
    """A row whose price stands in the category code and whose user stands in the brand."""
    return Unit(at(when), order, 900, None, price, user, None, None)


def edge_units() -> list[Unit]:
    """Hand-made rows: each stands at the edge of one rule."""
    units: list[Unit] = []

    def order(number: int, *whens: str, brand: str = "lg", price: str = "5.00") -> None:
        for place, when in enumerate(whens):
            units.append(Unit(at(when), number, 100 + place, None, None, brand, Decimal(price), 7))

    # Over the month's end; exactly a day later; a second more; the same id months later.
    order(1, "2020-01-31 23:59:00", "2020-02-01 00:01:00")
    order(2, "2020-01-31 12:00:00", "2020-02-01 12:00:00")
    order(3, "2020-01-31 12:00:00", "2020-02-01 12:00:01")
    order(4, "2020-01-15 08:00:00", "2020-03-15 08:00:00", brand="aeg")
    # Never idle for a day, for five days over a month's end: cut at midnights.
    order(5, *(f"2020-02-2{day} {hour}:00:00" for day in range(6, 10) for hour in ("05", "21")))
    order(5, "2020-03-01 04:00:00", "2020-03-01 23:30:00", "2020-03-02 01:00:00")
    # The first and the last second of months.
    order(6, "2020-01-01 00:00:00")
    order(7, "2020-03-31 23:59:59", "2020-04-01 00:00:00")
    # Before the published file's first month, and over its start.
    order(18, "2019-12-30 11:00:00")
    order(19, "2019-12-31 23:50:00", "2020-01-01 00:10:00")
    # Several units of one line; one of another price, one of another brand, one of another buyer.
    twin = Unit(at("2020-03-03 10:00:00"), 8, 300, 1, "a.b", "apple", Decimal("1387.01"), 9)
    units += [twin, twin, twin, twin, replace(twin, price=Decimal("1387.02"))]
    units += [replace(twin, brand=None), replace(twin, user=8)]
    # Shifted, with and without a user, twice the same, and at price 0.
    when = "2020-02-11 09:00:00"
    units += [shifted(when, 9, "162.01", "1515915625440944408"), shifted(when, 9, "6", None)]
    units += [shifted(when, 9, "6", None), shifted(when, 9, "6.0", None)]
    units += [shifted(when, 10, "0.00", "1515915625440944409")]
    # Without a price, not shifted: a word, three decimals, a brand, an id too large, a category.
    units += [shifted(when, 11, "electronics.tablet", "7"), shifted(when, 11, "1.234", "7")]
    units += [shifted(when, 11, "1.23", "samsung"), shifted(when, 11, "1.23", "9" * 19)]
    units += [replace(shifted(when, 11, "1.23", "7"), category=1)]
    units += [replace(shifted(when, 11, "1.23", "7"), user=1)]
    # Prices at and below 0.
    units += [replace(twin, order=12, price=Decimal(0)), replace(twin, order=13, price=Decimal(-3))]
    # Two brands with equal sales in the last weeks.
    for number, brand in ((14, "tie_one"), (15, "tie_two")):
        order(number, "2021-01-11 10:00:00", brand=brand, price="77.00")
    return units


def random_units(seed: int = 11) -> list[Unit]:
    """Ordinary orders: each day of two Januaries, two more months with a silent day in them."""
    rng = random.Random(seed)
    spans = [(at("2020-01-01 00:00:00"), 31 + 29 + 20), (at("2021-01-01 00:00:00"), 19)]
    days = [first + timedelta(days=day) for first, count in spans for day in range(count)]
    days.remove(at("2020-02-20 00:00:00"))
    units: list[Unit] = []
    for number, day in enumerate(days):
        for place in range(rng.randrange(3, 14)):
            moment = day + timedelta(seconds=rng.randrange(86_400))
            user = rng.choice([None, None, None, rng.randrange(40, 60)])
            for _ in range(rng.choice([1, 1, 2, 3])):
                product = min(rng.randrange(60), rng.randrange(60))
                unit = Unit(
                    moment,
                    10_000 + 100 * number + place,
                    product,
                    code=rng.choice([None, "electronics.smartphone", "computers.notebook"]),
                    brand=rng.choice([None, "samsung", "apple", "lg", "ava", f"b{product}"]),
                    price=Decimal(rng.randrange(0, 90_000)) / 100,
                    user=user,
                )
                units += [unit] * rng.choice([1, 1, 1, 2])
                moment += timedelta(seconds=rng.choice([0, 0, 1, 3600]))
    # The last day ends in the morning.
    return [*units, Unit(at("2021-01-20 10:10:30"), 16, 1, brand="lg")]


def numbered(units: Iterable[Unit]) -> list[Unit]:
    """The rows in file order, each with its place among the rows of its month."""
    places: dict[tuple[int, int], int] = {}
    result = []
    for unit in sorted(units, key=lambda unit: unit.at):
        month = (unit.at.year, unit.at.month)
        places[month] = places.get(month, -1) + 1
        result.append(replace(unit, row_no=places[month]))
    return result


def undated_units() -> list[Unit]:
    """Rows whose instant the store did not know, in file order."""
    plain = Unit(START, 1_000_001, 20, 3, "a.b", "samsung", Decimal("50.25"), 7)
    moved = shifted("2020-01-01 00:00:00", 1_000_002, "9.5", "1515915625440944410")
    return [plain, moved, plain, replace(plain, price=Decimal(0)), replace(moved, brand=None)]


def write(units: Iterable[Unit], undated: Iterable[Unit], database: Path) -> None:
    """Write the raw table and the quarantine of the warehouse."""
    refused = [(unit.line, [SENTINEL]) for unit in undated]
    refused.append(("1970-01-01 00:33:40 UTC,x,1,,,,1.00,", [SENTINEL, "not_castable:order_id"]))
    refused.append(("2020-01-05 10:00:00 UTC,x,1,,,,1.00,", ["not_castable:order_id"]))
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema if not exists electronics_raw")
        for name, columns in (("purchases", COLUMNS), ("purchases_quarantine", QUARANTINE)):
            typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create or replace table electronics_raw.{name} ({typed})")
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(
            f"insert into electronics_raw.purchases values ({marks})",
            [(*unit.delivered, unit.row_no) for unit in units],
        )
        connection.executemany(
            "insert into electronics_raw.purchases_quarantine by name select "
            "? as line, ? as raw_line, ? as reasons, 'kz.csv' as file_name",
            [(number, line, reasons) for number, (line, reasons) in enumerate(refused, start=2)],
        )
