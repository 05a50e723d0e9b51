"""Extracts of the real files, landed and run end to end; figures recomputed in plain Python."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ecommerce_assets_tests.pipeline.shop import ROOT, Shop
from ecommerce_assets_tests.pipeline.tables import query

EXTRACTS = ROOT.parent / "shared" / "data" / "cosmetics"
FILES = {
    date(2019, 10, 1): "2019-Oct.csv",
    date(2019, 11, 1): "2019-Nov.csv",
    date(2019, 12, 1): "2019-Dec.csv",
}
Row = dict[str, str]


@pytest.fixture(scope="module")
def rows() -> dict[date, list[Row]]:
    """The extracts as text."""
    missing = [name for name in FILES.values() if not (EXTRACTS / name).is_file()]
    if missing:
        pytest.skip(f"no extracts of the real files: {', '.join(missing)} not in {EXTRACTS}")
    return {month: read(EXTRACTS / name) for month, name in FILES.items()}


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def shop(rows: dict[date, list[Row]], tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(
        tmp_path_factory.mktemp("extracts") / "home",
        {"ECOMMERCE_SOURCE": "files", "ECOMMERCE_COSMETICS_MONTHS": "2019-10:2019-12"},
    )
    shop.land(EXTRACTS / name for name in FILES.values())
    shop.ok("backfill", "cosmetics")
    return shop


def test_every_row_is_accounted_for(shop: Shop, rows: dict[date, list[Row]]) -> None:
    """A good row keeps the four types, two decimals and its month; an extract has no other."""
    found = query(
        shop.warehouse,
        "select month, source_name, rows_received, rows_accepted, rows_quarantined, blank_lines "
        "from ops.load_ledger where step = 'lake' order by month",
    )

    assert found == [
        (month, name, len(rows[month]), len(rows[month]), 0, 0) for month, name in FILES.items()
    ]
    assert query(shop.warehouse, "select count(*) from cosmetics_raw.events_quarantine") == [(0,)]


def test_daily_traffic(shop: Shop, rows: dict[date, list[Row]]) -> None:
    days: dict[str, list[Row]] = {}
    for row in (row for month in rows.values() for row in month):
        days.setdefault(row["event_time"][:10], []).append(row)
    expected = []
    for day, events in sorted(days.items()):
        lines = Counter(tuple(event.values()) for event in events)
        expected.append(
            (
                day,
                len(events),
                len({event["user_id"] for event in events}),
                len({event["user_session"] for event in events} - {""}),
                sum(event["event_type"] == "view" for event in events),
                sum(number - 1 for number in lines.values()),
            )
        )

    found = query(
        shop.home / "published.duckdb",
        "select cast(event_date as varchar), events, visitors, source_sessions, view_events, "
        "exact_duplicate_events from cosmetics_marts.agg_daily_traffic order by 1",
    )

    assert found == expected


def test_sales(shop: Shop, rows: dict[date, list[Row]]) -> None:
    expected: dict[date, tuple[Decimal, int, int]] = {}
    for month, events in rows.items():
        bought = [event for event in events if event["event_type"] == "purchase"]
        prices = [Decimal(event["price"]) for event in bought]
        expected[month] = (
            sum((price for price in prices if price > 0), Decimal(0)),
            sum(price > 0 for price in prices),
            sum(price < 0 for price in prices),
        )

    found = query(
        shop.home / "published.duckdb",
        "select cast(date_trunc('month', sales_date) as date), sum(gross_sales), "
        "sum(revenue_lines), sum(adjustment_lines) from cosmetics_marts.agg_sales_daily "
        "group by 1 order by 1",
    )

    assert {month: tuple(figures) for month, *figures in found} == expected


def test_new_users(shop: Shop, rows: dict[date, list[Row]]) -> None:
    first: dict[str, str] = {}
    for events in rows.values():
        for event in events:
            day = event["event_time"][:10]
            first[event["user_id"]] = min(first.get(event["user_id"], day), day)

    found = query(
        shop.home / "published.duckdb",
        "select cast(event_date as varchar), new_users from cosmetics_marts.agg_daily_new_users "
        "where new_users > 0",
    )

    assert dict(found) == Counter(first.values())
