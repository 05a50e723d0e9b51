"""Small invoices of a retail shop, with a case for every rule at its edge.

Belongs here: the rows as the lake holds them, of three sources. Keep out what the models should
make of them: that is `reference`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb

#: A month before the published file's first, and a month without a line between them.
START = datetime(2010, 10, 1, tzinfo=UTC)
END = datetime(2012, 1, 1, tzinfo=UTC)
SOURCES = ("archive", "url", "postgres")
COLUMNS = {
    "invoice_no": "varchar",
    "stock_code": "varchar",
    "description": "varchar",
    "quantity": "bigint",
    "invoice_date": "timestamptz",
    "unit_price": "decimal(12, 4)",
    "customer_id": "varchar",
    "country": "varchar",
    "source_row_no": "bigint",
}


@dataclass(frozen=True)
class Line:
    """One row as delivered: a line of an invoice."""

    invoice: str
    code: str
    at: datetime
    quantity: int = 1
    price: Decimal = Decimal("1.25")
    customer: str | None = "12345"
    description: str | None = "A THING"
    country: str = "United Kingdom"
    row_no: int = -1

    @property
    def delivered(self) -> tuple[object, ...]:
        """The eight columns of the file."""
        return (
            self.invoice,
            self.code,
            self.description,
            self.quantity,
            self.at,
            self.price,
            self.customer,
            self.country,
        )


def at(text: str) -> datetime:
    """The UTC instant written as `2011-06-30 23:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def edge_lines() -> list[Line]:
    """Hand-made rows: each stands at the edge of one rule."""
    first = Line("500001", "85123a", at("2010-12-01 08:26"), 6, Decimal("2.55"), "17850.0")
    lines = [
        first,
        first,
        replace(first, code="85123A", customer="17850", description=" CREAM HEART "),
        # Two timestamps; two countries of one customer; a customer that nobody is.
        replace(first, invoice="500002", code="22086"),
        replace(first, invoice="500002", code="22087", at=at("2010-12-01 08:27"), country="EIRE"),
        replace(first, invoice="500003", code="22086", customer="0"),
        replace(first, invoice="500004", code="22086", customer="NA", country="Unspecified"),
        # Before the published file's first month, and cancelled in it.
        Line("500000", "22086", at("2010-10-05 08:00"), 4, customer="12346"),
        Line("C500001", "22086", at("2010-12-02 08:00"), -4, customer="12346"),
        # A night in summer: in London it is the next day, the next month, and another hour.
        Line("500005", "22086", at("2011-06-30 23:30"), 2, customer="12346"),
        # Notes of the stock, free goods, bad debt.
        Line("500006", "22086", at("2011-01-04 10:00"), -7, Decimal(0), None, "damages"),
        Line("500007", "22086", at("2011-01-04 10:01"), 7, Decimal(0), None, "damages"),
        Line("500008", "20713", at("2011-01-04 10:02"), 3, Decimal(0), None, None),
        Line("500009", "22086", at("2011-01-04 10:03"), 1, Decimal(0), "12347", "FREE THING"),
        Line(
            "A500010", "B", at("2011-01-04 10:04"), 1, Decimal("-11062.06"), None, "Adjust bad debt"
        ),
        Line(
            "A500011", "B", at("2011-01-04 10:05"), 1, Decimal("11062.06"), None, "Adjust bad debt"
        ),
        Line("500012", "22086", at("2011-01-04 10:06"), 1, Decimal("-1.00"), "12347"),
    ]
    services = ["POST", "DOT", "M", "m", "C2", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "DCGS0003"]
    services += ["gift_0001_20", "PADS", "B", "D", "23444", "23574", "22016"]
    for place, code in enumerate(services):
        lines.append(Line("500013", code, at("2011-01-05 11:00"), 1, Decimal(place + 1)))
        lines.append(Line("C500014", code, at("2011-01-06 11:00"), -1, Decimal(place + 1)))
    return [*lines, *returned_lines(), *basket_lines()]


def returned_lines() -> list[Line]:
    """Cancellations: exact, of a sale twice, over several sales, too many, too early, nobody's."""

    def line(
        invoice: str, when: str, quantity: int, code: str = "30001", price: str = "2.00"
    ) -> Line:
        return Line(invoice, code, at(when), quantity, Decimal(price), "13000")

    return [
        line("510001", "2011-02-01 10:00", 5),
        line("510002", "2011-02-02 10:00", 5),
        line("510002", "2011-02-02 10:00", 5, price="3.00"),
        line("C510003", "2011-02-03 10:00", -5),
        line("C510004", "2011-03-04 10:00", -5),
        line("C510004", "2011-03-04 10:00", -5),
        line("C510004", "2011-03-04 10:00", -5),
        # Over two sales and more than there are; what is too much stays too much.
        line("510005", "2011-02-01 10:00", 2, "30002"),
        line("510006", "2011-02-02 10:00", 2, "30002"),
        line("C510007", "2011-02-03 10:00", -9, "30002"),
        line("510008", "2011-02-04 10:00", 4, "30002"),
        line("C510009", "2011-02-05 10:00", -1, "30002"),
        # Before its sale; at its sale's minute, above and below it in the file.
        line("C510010", "2011-02-01 09:00", -1, "30003"),
        line("510011", "2011-02-01 10:00", 1, "30003"),
        line("C510012", "2011-02-02 10:00", -1, "30004"),
        line("510013", "2011-02-02 10:00", 1, "30004"),
        line("510014", "2011-02-02 10:00", 1, "30005"),
        line("C510015", "2011-02-02 10:00", -1, "30005"),
        replace(line("C510016", "2011-03-02 10:00", -2, "30001"), customer=None),
        # Two equal sales, and two that come back at once, out of one minute.
        *[line(f"51002{n}", "2011-02-05 10:00", 4, "30008") for n in range(3)],
        *[line("C510025", "2011-02-06 10:00", -4, "30008") for _ in range(2)],
        line("C510026", "2011-02-07 10:00", -4, "30008"),
        line("C510026", "2011-02-07 10:00", -4, "30008"),
        # A whole invoice that comes back.
        line("510017", "2011-04-02 10:00", 3, "30006"),
        line("510017", "2011-04-02 10:00", 3, "30007"),
        line("C510018", "2011-05-02 10:00", -3, "30006"),
        line("C510018", "2011-05-02 10:00", -3, "30007"),
    ]


def basket_lines() -> list[Line]:
    """Invoices with three items together, often enough to be kept."""
    return [
        Line(
            f"52000{number}",
            code,
            at(f"2011-07-0{number} 12:00"),
            number,
            Decimal(3),
            f"1400{number}",
        )
        for number in range(1, 6)
        for code in ("40001", "40002", "40003")[: 2 + number % 2]
    ]


def random_lines(seed: int = 5) -> list[Line]:
    """Ordinary invoices over thirteen months, and cancellations of some of them."""
    rng, first = random.Random(seed), at("2010-12-01 00:00")
    lines: list[Line] = []
    for number in range(420):
        when = first + timedelta(days=rng.randrange(373), minutes=rng.randrange(420, 1200))
        if when.isoweekday() == 6:
            continue
        customer = rng.choice([None, *(f"{15000 + n}" for n in range(25))])
        country = rng.choice(["United Kingdom", "United Kingdom", "Germany", "EIRE"])
        for _ in range(rng.choice([1, 2, 4, 7])):
            code = f"{20000 + min(rng.randrange(30), rng.randrange(30))}"
            line = Line(
                f"{530000 + number}", code, when, rng.randrange(1, 13),
                Decimal(rng.randrange(1, 900)) / 100, customer,
                rng.choice([None, f"THING {code}", f"THING {code}", f"OLD THING {code} "]), country,
            )  # fmt: skip
            lines.append(line)
            if rng.random() < 0.15:
                back = rng.choice([line.quantity, line.quantity, 1, line.quantity + 5])
                later = when + timedelta(days=rng.randrange(40), minutes=rng.randrange(60))
                lines.append(replace(line, invoice=f"C{540000 + number}", quantity=-back, at=later))
    return [line for line in lines if line.at < at("2011-12-09 12:50")]


def numbered(lines: Iterable[Line]) -> list[Line]:
    """The rows in file order, each with its place among the rows of its month."""
    places: dict[tuple[int, int], int] = {}
    result = []
    for line in sorted(lines, key=lambda line: line.at):
        month = (line.at.year, line.at.month)
        places[month] = places.get(month, -1) + 1
        result.append(replace(line, row_no=places[month]))
    return result


def write(sources: Mapping[str, Iterable[Line]], database: Path) -> None:
    """Write the raw tables of the warehouse; a source that is not given is an empty table."""
    typed = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
    marks = ", ".join("?" * len(COLUMNS))
    with duckdb.connect(str(database)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema if not exists retail_raw")
        for source in SOURCES:
            connection.execute(f"create or replace table retail_raw.invoices_{source} ({typed})")
            if rows := [(*line.delivered, line.row_no) for line in sources.get(source, [])]:
                connection.executemany(
                    f"insert into retail_raw.invoices_{source} values ({marks})", rows
                )
