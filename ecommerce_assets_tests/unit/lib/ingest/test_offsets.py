"""A range of offsets goes through judge, publication, quarantine, replay and ledger as a slice."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.month_file import (
    Delivery,
    fill_ledger_row,
    ingest_slice,
    published_info,
)
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.bucket import LostRace
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.seal import damage_of
from ecommerce_assets.lib.lake.slices import Offsets, Slice, published_slices
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.support.builders import files_in, lake_at
from ecommerce_assets_tests.support.forms import held_of, rows_of
from ecommerce_assets_tests.support.messages import (
    BEGAN,
    EVERY,
    POISON,
    TOPIC,
    contract_of,
    delivery_of,
    load_range,
)

FIRST, SECOND = Offsets(TOPIC, 3, 1_000, 1_400), Offsets(TOPIC, 3, 1_400, 1_650)


def bad_in(key: Offsets) -> list[int]:
    return [offset for offset in range(key.start, key.end) if offset % EVERY == EVERY - 1]


def test_what_is_good_is_published_and_the_rest_in_quarantine_by_offset(tmp_path: Path) -> None:
    contract, bad = contract_of(tmp_path), bad_in(FIRST)
    result = load_range(tmp_path, contract, FIRST)
    assert (result.rows_received, result.rows_quarantined) == (400, 16)
    assert set(result.reasons) == set(POISON)
    rows = rows_of(tmp_path, contract, FIRST)
    good = [offset for offset in range(1_000, 1_400) if offset not in bad]
    assert [row["message_offset"] for row in rows] == good
    assert [row["order_id"] for row in rows] == [offset + 1 for offset in good]
    assert rows[1]["published_at"] == BEGAN + timedelta(milliseconds=1_001)
    held = held_of(tmp_path, contract, FIRST)
    assert [row["line"] for row in held] == bad
    above = [sum(offset < each for offset in good) for each in bad]
    assert [row["accepted_before"] for row in held] == above
    assert {row["slice"] for row in held} == {"orders_3_1000_1400"}
    kinds = list(POISON)
    for row in held:
        assert kinds[row["line"] // EVERY % len(kinds)] in row["reasons"]
        kept = json.loads(row["raw_line"])
        assert kept["$offset"] == str(row["line"]) and "$key" in kept and "$timestamp" in kept
    assert json.loads(held[0]["raw_line"])["$value"] == POISON[kinds[40 % len(kinds)]]


def test_the_same_range_is_loaded_once_and_no_other_takes_its_start(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    load_range(tmp_path, contract, FIRST)
    before = files_in(tmp_path / "lake")
    assert load_range(tmp_path, contract, FIRST).unchanged
    longer = Offsets(TOPIC, 3, 1_000, 1_500)
    with pytest.raises(LostRace, match="first with offsets 1000 to 1399 of orders, partition 3"):
        load_range(tmp_path, contract, longer)
    assert files_in(tmp_path / "lake") == before


def test_ranges_are_listed_in_their_order_with_their_ends(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    other = Offsets(TOPIC, 10, 0, 60)
    for key in (SECOND, other, FIRST):
        load_range(tmp_path, contract, key)
    slices = published_slices(lake_at(tmp_path), contract)
    assert [slice_.key for slice_ in slices] == [FIRST, SECOND, other]
    assert [damage_of(slice_) for slice_ in slices] == [None] * 3
    footer, rows = slices[0].footer()
    assert (footer["slice_kind"], footer["slice_key"], rows) == (
        "offsets",
        "orders_3_1000_1400",
        384,
    )


def test_a_range_may_have_holes_and_be_all_holes_or_all_bad(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    result = load_range(tmp_path, contract, FIRST, [1_000, 1_024, 1_300, 1_399])
    assert (result.rows_received, result.rows_accepted) == (4, 2)
    assert [row["line"] for row in held_of(tmp_path, contract, FIRST)] == [1_024, 1_399]
    assert load_range(tmp_path, contract, SECOND, []).rows_received == 0
    assert rows_of(tmp_path, contract, SECOND) == []
    worst = Offsets(TOPIC, 4, 0, 1_000)
    assert load_range(tmp_path, contract, worst, bad_in(worst)).rows_accepted == 0


def test_offsets_that_do_not_ascend_are_refused(tmp_path: Path) -> None:
    contract = contract_of(tmp_path)
    with pytest.raises(ContractBroken, match="do not ascend"):
        load_range(tmp_path, contract, FIRST, [1_001, 1_001])
    table = delivery_of(FIRST).data
    assert isinstance(table, pa.Table)
    without = Delivery(table.drop_columns(["$timestamp"]), "orders/3", "v", "0" * 64)
    with pytest.raises(ContractBroken, match=r"lacks the column \$timestamp"):
        ingest_slice(Slice(lake_at(tmp_path), contract, FIRST), without)


def test_a_replay_ends_in_the_table_of_a_full_load(tmp_path: Path) -> None:
    replayed, whole, fixed = tmp_path / "replayed", tmp_path / "whole", ("minimum: 1", "minimum: 0")
    load_range(replayed, contract_of(replayed), FIRST)
    learned = contract_of(replayed, changes=[fixed])
    done = replay(Slice(lake_at(replayed), learned, FIRST))
    assert done and (done.taken_back, done.still_quarantined) == (2, 14)
    load_range(whole, contract_of(whole, changes=[fixed]), FIRST)
    assert rows_of(replayed, learned, FIRST) == rows_of(whole, learned, FIRST)
    known = ("line", "accepted_before", "reasons", "raw_line", "slice")
    found, wanted = (
        [{name: row[name] for name in known} for row in held_of(folder, learned, FIRST)]
        for folder in (replayed, whole)
    )
    assert found == wanted
    infos = [published_info(Slice(lake_at(f), learned, FIRST)) for f in (replayed, whole)]
    assert infos[0].content == infos[1].content and infos[0].reasons == infos[1].reasons
    assert replay(Slice(lake_at(replayed), learned, FIRST)) is None


def test_the_ledger_and_the_warehouse_speak_of_ranges(tmp_path: Path) -> None:
    contract, lake = contract_of(tmp_path), lake_at(tmp_path)
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    for key, rows in ((FIRST, 384), (SECOND, 240)):
        with Ledger(lake).attempt(contract.dataset, "lake", key) as row:
            fill_ledger_row(row, load_range(tmp_path, contract, key))
        assert warehouse.load_slice(Slice(lake, contract, key)) == rows
    failed = Offsets(TOPIC, 3, 1_650, 1_700)
    Ledger(lake).finish(Ledger(lake).begin(contract.dataset, "lake", failed), "failed", "gone")
    assert [row.key for row in Ledger(lake).rows(contract.dataset)] == [FIRST, SECOND, failed]
    assert [row.key for row in Ledger(lake).latest_failures()] == [failed]
    assert [row.sequence for row in Ledger(lake).rows(key=SECOND)] == [1]
    Ledger(lake).finish(Ledger(lake).begin(contract.dataset, "lake", failed), "loaded")
    assert Ledger(lake).latest_failures() == []

    warehouse.load_operations(contract, lake)
    assert warehouse.query(
        "select slice_kind, slice_key, month, rows_received from ops.load_ledger "
        "where rows_received is not null order by slice_key"
    ) == [("offsets", "orders_3_1000_1400", None, 400), ("offsets", SECOND.text, None, 250)]
    assert warehouse.query("select count(*), max(message_offset) from shop_raw.orders") == [
        (624, 1_648),
    ]
    assert warehouse.query(
        "select slice, count(*) from shop_raw.orders_quarantine group by 1 order by 1"
    ) == [("orders_3_1000_1400", 16), ("orders_3_1400_1650", 10)]
