"""A small lake of cosmetics events, with a case for every rule of the models at its edge.

Belongs here: the events the tests write and the raw view over them. Keep out what they should
give: that is `reference`.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

MONTHS = [datetime(2019, 10, 1, tzinfo=UTC), datetime(2019, 11, 1, tzinfo=UTC)]
MONTHS.append(datetime(2019, 12, 1, tzinfo=UTC))
END = datetime(2020, 1, 1, tzinfo=UTC)

SCHEMA = pa.schema(
    [
        ("event_time", pa.timestamp("us", tz="UTC")),
        ("event_type", pa.string()),
        ("product_id", pa.int64()),
        ("category_id", pa.int64()),
        ("category_code", pa.string()),
        ("brand", pa.string()),
        ("price", pa.decimal128(9, 2)),
        ("user_id", pa.int64()),
        ("user_session", pa.string()),
    ]
)


@dataclass(frozen=True)
class Event:
    """One row of a monthly file."""

    at: datetime
    type: str
    product: int
    user: int
    session: str | None
    price: Decimal = Decimal("1.00")
    category: int = 1487580005268456287
    code: str | None = None
    brand: str | None = None
    row_no: int = -1

    @property
    def month(self) -> datetime:
        """First instant of the month whose file holds the event."""
        return self.at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    @property
    def columns(self) -> tuple[object, ...]:
        """The nine source columns."""
        return (
            self.at,
            self.type,
            self.product,
            self.category,
            self.code,
            self.brand,
            self.price,
            self.user,
            self.session,
        )


def at(text: str) -> datetime:
    """The UTC instant written as `2019-10-31 23:59:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def boundary_events() -> list[Event]:
    """Hand-made cases: each stands at the edge of one rule."""
    # Here, because that module builds on this one.
    from ecommerce_assets_tests.integration.dbt.funnel_events import funnel_events
    from ecommerce_assets_tests.integration.dbt.shop_of_products import product_events

    events: list[Event] = []

    def add(session: str | None, user: int, *rows: tuple[str, str, str]) -> None:
        for number, (when, kind, price) in enumerate(rows):
            events.append(Event(at(when), kind, 100 + number % 3, user, session, Decimal(price)))

    def every(session: str | None, user: int, start: str, minutes: int, count: int) -> None:
        for number in range(count):
            when = at(start) + timedelta(minutes=minutes * number)
            kind = ("view", "cart", "purchase")[number % 3]
            events.append(Event(when, kind, 200 + number % 5, user, session, Decimal("2.50")))

    # Over the month's end, with the purchase on the other side.
    add("over_the_end", 1, ("2019-10-31 23:50:00", "view", "3.00"))
    add("over_the_end", 1, ("2019-11-01 00:05:00", "purchase", "3.00"))
    # The last second of one month and the first of the next, in two sessions.
    add("last_second", 2, ("2019-10-31 23:59:59", "view", "0.00"))
    add("first_second", 2, ("2019-11-01 00:00:00", "view", "1.00"))
    # Exactly 24 h over the month's end stays whole; one second more does not.
    add("whole_day", 3, ("2019-10-31 12:00:00", "view", "1"), ("2019-11-01 12:00:00", "cart", "1"))
    add("day_plus", 4, ("2019-10-31 12:00:00", "view", "1"), ("2019-11-01 11:50:00", "view", "1"))
    add("day_plus", 4, ("2019-11-01 12:00:01", "purchase", "1"))
    # A gap of exactly 24 h joins, one second more parts.
    add("gap_24h", 5, ("2019-11-30 00:00:00", "view", "1"), ("2019-12-01 00:00:00", "view", "1"))
    add("gap_more", 6, ("2019-11-29 23:59:59", "view", "1"), ("2019-12-01 00:00:00", "view", "1"))
    # Never idle for days around a month's end: in the reach of both batches and beyond it.
    every("machine", 7, "2019-10-27 00:07:00", 20, 72 * 9)
    every("slow_machine", 8, "2019-11-26 05:00:00", 60 * 23, 12)
    every(None, 9, "2019-11-30 20:00:00", 10, 60)
    # Long, idle 29:59 and 30:00.
    add("idle", 10, ("2019-10-05 10:00:00", "view", "1"), ("2019-10-05 10:29:59", "view", "1"))
    add("idle", 10, ("2019-10-05 10:59:59", "view", "1"), ("2019-10-06 10:30:00", "view", "1"))
    # One source session of two users, also over a month's end and weeks apart.
    add("shared", 11, ("2019-10-31 23:59:00", "cart", "4"), ("2019-11-01 00:01:00", "view", "4"))
    add("shared", 12, ("2019-10-31 23:58:00", "view", "4"), ("2019-10-31 23:58:00", "cart", "4"))
    add("far_apart", 13, ("2019-10-02 10:00:00", "view", "4"))
    add("far_apart", 14, ("2019-12-02 10:00:00", "view", "4"))
    # The same id used again: in two days, and months later.
    add("again", 15, ("2019-10-30 10:00:00", "view", "4"), ("2019-11-01 10:00:00", "cart", "4"))
    add("again", 15, ("2019-12-24 10:00:00", "purchase", "9.99"))
    # Ten days later, over a month's end; in two months far apart; and by another user in between.
    add("ten_days", 23, ("2019-10-22 10:00:00", "view", "4"), ("2019-11-01 10:00:00", "view", "4"))
    add("months", 24, ("2019-10-05 10:00:00", "view", "4"), ("2019-12-15 10:00:00", "view", "4"))
    add("months", 25, ("2019-11-10 10:00:00", "view", "4"))
    # Null sessions, one of them at a month's end and equal in two months' row number.
    add(None, 16, ("2019-10-31 23:59:59", "view", "4"), ("2019-11-01 00:00:00", "view", "4"))
    add(None, 17, ("2019-10-09 08:00:00", "purchase", "6.00"))
    # Funnel: ties, wrong order, purchase alone; prices below and at zero.
    same = "2019-12-05 09:00:00"
    add("tie", 18, (same, "view", "5"), (same, "cart", "5"), (same, "purchase", "5"))
    add("wrong", 19, (same, "cart", "5"), ("2019-12-05 09:00:01", "view", "5"))
    add("alone", 20, (same, "purchase", "-5.25"), (same, "purchase", "0.00"))
    add("free", 21, (same, "view", "0.00"), (same, "cart", "0"), (same, "purchase", "0.00"))
    # Equal rows, and rows that differ in one column alone.
    twin = Event(at("2019-12-06 09:00:00"), "cart", 7, 22, "twin", Decimal("2.00"))
    near = Event(at("2019-12-06 09:00:00"), "cart", 7, 22, "twin", Decimal("2.00"), brand="x")
    events += [twin, near, twin, twin]
    return [*events, *product_events(), *funnel_events()]


def random_events(count: int, seed: int = 7) -> list[Event]:
    """Ordinary visits over three months, thick enough that days, users and sessions meet."""
    rng = random.Random(seed)
    seconds = int((END - MONTHS[0]).total_seconds())
    kinds = ["view", "view", "view", "cart", "cart", "remove_from_cart", "purchase"]
    events: list[Event] = []
    while len(events) < count:
        user, start = rng.randrange(1000, 1120), rng.randrange(seconds)
        session = None if rng.random() < 0.02 else f"s{rng.randrange(10**9)}"
        step = rng.choice([20, 90, 600, 2000, 20000])
        moment = start
        for _ in range(rng.choice([1, 1, 1, 2, 4, 9])):
            if moment >= seconds:
                break
            event = Event(
                MONTHS[0] + timedelta(seconds=moment),
                rng.choice(kinds),
                rng.randrange(30),
                user,
                session,
                Decimal(rng.randrange(-20, 2000)) / 100,
                brand=rng.choice([None, "runail", "irisk"]),
            )
            events += [event] * rng.choice([1, 1, 1, 1, 2])
            moment += rng.randrange(step)
    return events


def numbered(events: Iterable[Event]) -> list[Event]:
    """The events in file order, each with its row number in its month."""
    rows: dict[datetime, int] = {}
    result = []
    for event in sorted(events, key=lambda event: event.at):
        number = rows.get(event.month, 0)
        rows[event.month] = number + 1
        result.append(Event(**{**event.__dict__, "row_no": number}))
    return result


def write(events: Iterable[Event], lake: Path) -> None:
    """Write one Parquet file a month, in the lake's layout."""
    by_month: dict[datetime, list[Event]] = {}
    for event in sorted(events, key=lambda event: (event.month, event.row_no)):
        by_month.setdefault(event.month, []).append(event)
    for month, rows in by_month.items():
        path = month_file(lake, month)
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = zip(*(event.columns for event in rows), strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)
        ]
        pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), path)


def month_file(lake: Path, month: datetime) -> Path:
    """Where the lake keeps a month."""
    return lake / "cosmetics" / "events" / f"event_month={month:%Y-%m-%d}" / "events.parquet"


def expose(database: Path, lake: Path, months: Iterable[datetime]) -> None:
    """Make the raw view of the warehouse show exactly these months of the lake."""
    files = ", ".join(f"'{month_file(lake, month)}'" for month in months)
    columns = ", ".join(field.name for field in SCHEMA)
    with duckdb.connect(str(database)) as connection:
        connection.execute("create schema if not exists cosmetics_raw")
        connection.execute(
            f"create or replace view cosmetics_raw.events as select {columns}, "
            f"file_row_number as source_row_no from read_parquet([{files}], "
            "file_row_number = true, hive_partitioning = false)"
        )
