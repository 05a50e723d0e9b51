"""A lake that was made when months were the only slices goes on as it is.

`data/lake_of_months.zip` was written by that version: two months of events, one with two rows in
quarantine, the files they were made from, and the ledger of it, some rows merged. Its contract lies
beside it.
"""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.ingest.fetch import fetched, open_delivery
from ecommerce_assets.lib.ingest.month_file import ingest_slice, load_key, published_info
from ecommerce_assets.lib.ingest.originals import good_original
from ecommerce_assets.lib.ingest.replay import replay
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.seal import damage_of
from ecommerce_assets.lib.lake.slices import Month, Slice, published_slices
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.support.builders import files_in, lake_at

OCTOBER, NOVEMBER, DECEMBER = (Month(date(2019, month, 1)) for month in (10, 11, 12))
STEPS = ("files", "lake", "raw")
MADE = Path(__file__).parents[3] / "data" / "lake_of_months.zip"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    with zipfile.ZipFile(MADE) as archive:
        archive.extractall(tmp_path)
    return lake_at(tmp_path)


@pytest.fixture
def contract(lake: Lake, tmp_path: Path) -> TableContract:
    return load_contract("cosmetics", "events", tmp_path / "contracts" / "cosmetics")


def test_its_months_are_up_to_date_and_not_loaded_again(
    lake: Lake, contract: TableContract, tmp_path: Path
) -> None:
    before = files_in(tmp_path / "lake")
    slices = published_slices(lake, contract)
    assert [slice_.key for slice_ in slices] == [OCTOBER, NOVEMBER]
    for slice_, bad in zip(slices, (2, 0), strict=True):
        note, (footer, rows) = fetched(slice_), slice_.footer()
        assert note and footer["load_key"] == load_key(contract, slice_.key, note.sha256)
        with open_delivery(slice_) as delivery:
            result = ingest_slice(slice_, delivery)
        assert result.unchanged and (rows, result.rows_quarantined) == (20, bad)
        assert damage_of(slice_) is None
        good = good_original(slice_)
        assert good and good.sha256 == note.sha256
    assert files_in(tmp_path / "lake") == before


def test_its_quarantine_is_read_and_replayed(
    lake: Lake, contract: TableContract, tmp_path: Path
) -> None:
    slice_ = Slice(lake, contract, OCTOBER)
    assert published_info(slice_).reasons == {"missing_columns": 1, "not_allowed:event_type": 1}
    path = tmp_path / "contracts" / "cosmetics" / "events.odcs.yaml"
    path.write_text(path.read_text().replace("[view,", "[wishlist, view,"))
    learned = Slice(
        lake, load_contract("cosmetics", "events", tmp_path / "contracts" / "cosmetics"), OCTOBER
    )
    done = replay(learned)
    assert done and (done.taken_back, done.still_quarantined) == (1, 1)
    assert Ledger(lake).rows(contract.dataset, OCTOBER)[-1].step == "replay"


def test_its_ledger_speaks_of_months(lake: Lake, contract: TableContract, tmp_path: Path) -> None:
    rows = Ledger(lake).rows()
    steps = {(row.key, row.step): row.status for row in rows}
    loaded = {(month, step): "loaded" for month in (OCTOBER, NOVEMBER) for step in STEPS}
    assert steps == loaded | {(DECEMBER, "files"): "failed"}
    assert [row.key for row in Ledger(lake).latest_failures()] == [DECEMBER]
    assert set(Ledger(lake).latest(contract.dataset, "lake")) == {OCTOBER, NOVEMBER}

    row = Ledger(lake).begin(contract.dataset, "files", DECEMBER)
    assert row.sequence == 2, "it goes on where the version before ended"
    Ledger(lake).finish(row, "loaded")
    assert Ledger(lake).latest_failures() == []
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.load_operations(contract, lake)
    shown = warehouse.query(
        "select distinct slice_kind, slice_key, strftime(month, '%Y-%m-%d') from ops.load_ledger "
        "order by all"
    )
    assert shown == [("month", month.text, month.text) for month in (OCTOBER, NOVEMBER, DECEMBER)]
