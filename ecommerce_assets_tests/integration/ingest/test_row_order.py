"""The lake keeps the file's order however many values a contract allows, and so does a replay."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.month_file import published_info
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    MONTH,
    changed_contract,
    csv,
    lake_at,
    line,
    load,
    published,
)
from ecommerce_assets_tests.support.shared_files import (
    JANUARY,
    JUNE,
    changed_invoices,
    invoice,
    load_part,
    retail_file,
    rows_of,
)

ROWS = 100_000  # fewer are read by one thread, whose rows stay in order anyway
COUNTRY = "description: The customer's country, as delivered.\n"


def types(count: int) -> list[str]:
    return ["view", "cart", "remove_from_cart", "purchase", *(f"type{n}" for n in range(count))]


def wide(folder: Path, count: int) -> TableContract:
    """The contract of events with `count` more event types."""
    allowed = f"validValues: [{', '.join(types(count))}]"
    return changed_contract(
        folder, ("validValues: [view, cart, remove_from_cart, purchase]", allowed)
    )


def countries(folder: Path, count: int) -> TableContract:
    """The contract of invoices with so many countries allowed."""
    names = ", ".join(["United Kingdom", *(f"C{n}" for n in range(count - 1))])
    quality = (
        "        quality:\n          - type: library\n            metric: invalidValues\n"
        f"            arguments:\n              validValues: [{names}]\n            mustBe: 0\n"
    )
    return changed_invoices(folder, (COUNTRY, COUNTRY + quality))


def content(folder: Path, contract: TableContract, month: date) -> str:
    return published_info(Slice(lake_at(folder), contract, Month(month))).content


@pytest.mark.parametrize("more", [1, 46])
def test_a_month_keeps_its_order(tmp_path: Path, more: int) -> None:
    known = types(more)
    body = [line(n, event_type=known[n % len(known)]) for n in range(ROWS)]
    load(tmp_path, csv(body), contract=wide(tmp_path, more))
    assert [row["product_id"] for row in published(tmp_path)] == list(
        range(5_000_000, 5_000_000 + ROWS)
    )


@pytest.mark.parametrize("more", [1, 46])
def test_a_replay_equals_a_full_load_in_rows_order_and_content(tmp_path: Path, more: int) -> None:
    known = types(more + 1)
    data = csv([line(n, event_type=known[n % len(known)]) for n in range(6_000)])
    narrow, wider = wide(tmp_path / "narrow", more), wide(tmp_path / "wider", more + 1)
    replayed, whole = tmp_path / "replayed", tmp_path / "whole"
    assert load(replayed, data, contract=narrow).rows_quarantined > 0
    assert replay(Slice(lake_at(replayed), wider, Month(MONTH)))
    load(whole, data, contract=wider)
    assert published(replayed) == published(whole)
    assert content(replayed, wider, MONTH) == content(whole, wider, MONTH)


@pytest.mark.parametrize("count", [5, 50])
def test_months_of_a_shared_file_keep_its_order_and_a_replay_does(
    tmp_path: Path, count: int
) -> None:
    names = ["United Kingdom", *(f"C{n}" for n in range(count))]
    body = [
        invoice(n, (JANUARY, JUNE)[n % 2], Quantity=str(n), Country=names[n // 2 % len(names)])
        for n in range(8_000)
    ]
    narrow, wider = countries(tmp_path / "narrow", count), countries(tmp_path / "wider", count + 1)
    replayed, whole = tmp_path / "replayed", tmp_path / "whole"
    for month in (JANUARY, JUNE):
        assert load_part(replayed, retail_file(body), month, narrow).rows_quarantined > 0
        assert replay(Slice(lake_at(replayed), wider, Month(month)))
        load_part(whole, retail_file(body), month, wider)
        quantities = [row["quantity"] for row in rows_of(whole, month)]
        assert quantities == list(range(int(month == JUNE), 8_000, 2))
        assert rows_of(replayed, month) == rows_of(whole, month)
        assert content(replayed, wider, month) == content(whole, wider, month)
