"""Merged objects of the ledger hold the same rows, wherever a merge is killed or watched."""

from __future__ import annotations

import signal
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.lib.lake import ledger_objects
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    csv,
    finish,
    lake_at,
    lines,
    load,
    start_python,
)

SET, NOVEMBER = "cosmetics.events", date(2019, 11, 1)


def loose(tmp_path: Path) -> list[Path]:
    """The objects of one row."""
    found = (tmp_path / "lake" / "ops" / "load_ledger").glob("*.*/*/*.json")
    return sorted(found)


def merged(tmp_path: Path, kind: str) -> list[Path]:
    return sorted((tmp_path / "lake" / "ops" / "load_ledger" / "merged" / kind).glob("*.json"))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few objects are many."""
    monkeypatch.setattr(ledger_objects, "MERGED_FROM", 4)
    monkeypatch.setattr(ledger_objects, "LARGE_FROM", 2)


def attempts(lake: Lake, count: int) -> None:
    for turn in range(count):
        row = Ledger(lake).begin(SET, "lake", Month((MONTH, NOVEMBER)[turn % 2]))
        row.rows_received, row.reasons = turn, {"missing:price": turn}
        Ledger(lake).finish(row, "loaded" if turn % 3 else "failed", None if turn % 3 else "x")


def shown(tmp_path: Path, lake: Lake) -> list[tuple[Any, ...]]:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.load_operations(EVENTS, lake)
    return warehouse.query("select * exclude (reasons), reasons from ops.load_ledger order by all")


@pytest.mark.usefixtures("few")
def test_merged_rows_are_the_same_rows_here_and_in_the_warehouse(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    attempts(lake, 8)
    running = Ledger(lake).begin(SET, "raw", Month(MONTH))
    before, table = Ledger(lake).rows(), shown(tmp_path, lake)

    assert Ledger(lake).merge() == 7  # all but the newest of November and the one that runs

    assert len(loose(tmp_path)) == 2 and len(merged(tmp_path, "small")) == 1
    assert Ledger(lake).rows() == before
    assert shown(tmp_path, lake) == table
    Ledger(lake).finish(running, "loaded")
    assert Ledger(lake).rows()[-1].status == "loaded" and len(Ledger(lake).rows()) == len(before)
    assert Ledger(lake).merge() == 0


@pytest.mark.usefixtures("few")
def test_the_sequence_goes_on_after_merging(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    attempts(lake, 12)
    Ledger(lake).merge()
    assert Ledger(lake).begin(SET, "lake", Month(MONTH)).sequence == 7


@pytest.mark.usefixtures("few")
def test_many_merged_objects_become_one_with_what_is_broken_in_them(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    attempts(lake, 7)
    Ledger(lake).merge()
    (small,) = merged(tmp_path, "small")
    small.write_bytes(small.read_bytes() + b'{"half": \xff\n')
    attempts(lake, 7)
    before = Ledger(lake).rows()

    Ledger(lake).merge()

    assert merged(tmp_path, "small") == [] and len(merged(tmp_path, "large")) == 1
    rows, bad = Ledger(lake).read()
    assert rows == before and len(rows) == 14
    assert [each.why for each in bad] == ["it is not text"]
    load(tmp_path, csv(lines(3)))
    assert len(shown(tmp_path, lake)) == 14


MERGE = """
import os, signal, sys
from pathlib import Path
from typing import Any
from ecommerce_assets.lib.lake import ledger_objects
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month
ledger_objects.MERGED_FROM, ledger_objects.LARGE_FROM = 4, 2
left = [int(sys.argv[2])]
def counted(original):
    def call(*given, **named):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*given, **named)
    return call
Path.unlink, Path.replace = counted(Path.unlink), counted(Path.replace)
Ledger(Lake(sys.argv[1])).merge()
"""


def test_a_merge_that_is_killed_anywhere_loses_no_row_and_goes_through_again(
    tmp_path: Path, few: None
) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    attempts(lake, 16)
    for at in (1, 2, 5, 9):
        before = Ledger(lake).rows()
        process = start_python(MERGE, lake.uri, str(at))
        assert process.wait() == -signal.SIGKILL
        assert Ledger(lake).rows() == before
        assert len(shown(tmp_path, lake)) == len(before)
        attempts(lake, 2)
    before = Ledger(lake).rows()
    processes = [start_python(MERGE, lake.uri, "-1") for _ in range(3)]
    for each in processes:
        finish(each)
    assert Ledger(lake).rows() == before
    assert len(loose(tmp_path)) == 2


@pytest.mark.usefixtures("few")
def test_rows_are_whole_while_another_process_merges(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    attempts(lake, 40)
    process = start_python(MERGE, lake.uri, "-1")
    while process.poll() is None:
        assert len(Ledger(lake).rows()) == 40
    assert process.returncode == 0
    assert len(loose(tmp_path)) == 2 and len(Ledger(lake).rows()) == 40
