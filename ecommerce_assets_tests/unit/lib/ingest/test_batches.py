"""Extractions of a living table go through judge, publication, quarantine, replay and ledger."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.month_file import (
    Delivery,
    IngestResult,
    fill_ledger_row,
    ingest_slice,
)
from ecommerce_assets.lib.ingest.originals import note_published
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.bucket import LostRace
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import BEGINNING, Batch, Slice, published_slices
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.forms import held_of, order, orders, rows_of

COLUMNS = ("id", "customer", "note", "total", "pieces", "placed_at")


def at(hour: int) -> datetime:
    return datetime(2024, 1, 5, hour, tzinfo=UTC)


FIRST, SECOND, THIRD = Batch(BEGINNING, at(1)), Batch(at(1), at(2)), Batch(at(2), at(3))


@pytest.fixture
def shop() -> Iterator[sqlite3.Connection]:
    """A living table, each row of which has the hour of its last change."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f"create table orders ({', '.join(COLUMNS)}, changed_at)")
        yield connection


def write(shop: sqlite3.Connection, hour: int, *rows: dict[str, Any]) -> None:
    for row in rows:
        shop.execute("delete from orders where id = ?", [row["id"]])
        values = [row[name] for name in COLUMNS]
        shop.execute(f"insert into orders values ({', '.join('?' * 7)})", [*values, hour])


def extract(shop: sqlite3.Connection, key: Batch) -> Delivery:
    """What changed after one watermark, up to the next one."""
    after = -1 if key.after == BEGINNING else key.after.hour
    found = shop.execute(
        f"select {', '.join(COLUMNS)} from orders where changed_at > ? and changed_at <= ? "
        "order by id",
        [after, key.upto.hour],
    ).fetchall()
    texts = ("customer", "note", "placed_at")
    columns = {
        name: pa.array([row[place] for row in found], pa.string() if name in texts else None)
        for place, name in enumerate(COLUMNS)
    }
    sha256 = hashlib.sha256(repr(found).encode()).hexdigest()
    return Delivery(pa.table(columns), "shop.orders", f"shop:{key.text}", sha256)


def load(folder: Path, contract: TableContract, key: Batch, delivery: Delivery) -> IngestResult:
    return ingest_slice(Slice(lake_at(folder), contract, key), delivery)


@pytest.fixture
def contract(tmp_path: Path) -> TableContract:
    return orders(tmp_path, form="csv", holds="one extraction")


def test_each_extraction_is_published_beside_the_others(
    shop: sqlite3.Connection, contract: TableContract, tmp_path: Path
) -> None:
    write(shop, 1, *(order(n) for n in range(50)))
    assert load(tmp_path, contract, FIRST, extract(shop, FIRST)).rows_accepted == 50
    write(shop, 2, order(7, note="changed"), order(60), order(61, id=-1))
    result = load(tmp_path, contract, SECOND, extract(shop, SECOND))
    assert (result.rows_accepted, result.reasons) == (2, {"below_minimum:order_id": 1})
    assert [row["note"] for row in rows_of(tmp_path, contract, SECOND)] == ["changed", "note 60"]
    (held,) = held_of(tmp_path, contract, SECOND)
    assert (held["line"], held["accepted_before"], held["slice"]) == (1, 0, SECOND.text)
    slices = published_slices(lake_at(tmp_path), contract)
    assert [slice_.key for slice_ in slices] == [FIRST, SECOND]
    assert slices[1].footer()[0]["slice_key"] == SECOND.text
    assert len(rows_of(tmp_path, contract, FIRST)) == 50, "nothing of it was replaced"

    again = load(tmp_path, contract, SECOND, extract(shop, SECOND))
    assert again.unchanged
    with pytest.raises(LostRace, match="another writer was first with the changes from 2024-01-05"):
        load(tmp_path, contract, Batch(at(1), at(3)), extract(shop, Batch(at(1), at(3))))


def test_an_extraction_may_be_all_bad_while_it_is_small(
    shop: sqlite3.Connection, contract: TableContract, tmp_path: Path
) -> None:
    write(shop, 1, order(1, id=-1), order(2, note=None))
    result = load(tmp_path, contract, FIRST, extract(shop, FIRST))
    assert (result.rows_accepted, result.rows_quarantined) == (0, 2)
    write(shop, 2, *(order(n, placed_at="yesterday") for n in range(100, 140)))
    with pytest.raises(NotADataFile, match="40 of its 40 rows"):
        load(tmp_path, contract, SECOND, extract(shop, SECOND))
    assert [s.key for s in published_slices(lake_at(tmp_path), contract)] == [FIRST]


def test_a_replay_ends_in_the_table_of_a_full_load(
    shop: sqlite3.Connection, tmp_path: Path
) -> None:
    write(shop, 1, *(order(n, id=n - 2) for n in range(50)))
    replayed, whole, fixed = (
        tmp_path / "replayed",
        tmp_path / "whole",
        ("minimum: 1", "minimum: -1"),
    )
    how: dict[str, Any] = {"form": "csv", "holds": "one extraction"}
    load(replayed, orders(replayed, **how), FIRST, extract(shop, FIRST))
    learned = orders(replayed, **how, changes=[fixed])
    done = replay(Slice(lake_at(replayed), learned, FIRST))
    assert done and (done.taken_back, done.still_quarantined) == (2, 1)
    load(whole, orders(whole, **how, changes=[fixed]), FIRST, extract(shop, FIRST))
    assert rows_of(replayed, learned, FIRST) == rows_of(whole, learned, FIRST)
    assert Ledger(lake_at(replayed)).rows()[-1].key == FIRST


def test_ledger_and_warehouse_speak_of_batches(
    shop: sqlite3.Connection, contract: TableContract, tmp_path: Path
) -> None:
    lake, warehouse = lake_at(tmp_path), DuckDBWarehouse(tmp_path / "w.duckdb")
    for hour, key in ((1, FIRST), (2, SECOND)):
        write(shop, hour, *(order(n) for n in range(hour * 10, hour * 10 + 5)))
        with Ledger(lake).attempt(contract.dataset, "lake", key) as row:
            fill_ledger_row(row, load(tmp_path, contract, key, extract(shop, key)))
        slice_ = Slice(lake, contract, key)
        note_published(slice_, "0" * 64)
        assert warehouse.load_slice(slice_) == 5
    assert [row.key for row in Ledger(lake).rows()] == [FIRST, SECOND]
    assert set(Ledger(lake).latest(contract.dataset, "lake")) == {FIRST, SECOND}
    warehouse.load_operations(contract, lake)
    assert warehouse.query("select slice_key, month from ops.load_ledger order by 1") == [
        (FIRST.text, None),
        (SECOND.text, None),
    ]
    assert warehouse.query("select count(*) from shop_raw.orders") == [(10,)]
    assert warehouse.query("select count(*) from shop_raw.orders_quarantine") == [(0,)]
