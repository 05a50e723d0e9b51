"""Readers see whole months while they are replaced; loads side by side end in one intact month."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.warehouse.duckdb_views import raw_view
from ecommerce_assets_tests.integration.ingest.drivers import LOAD
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    PARQUET,
    csv,
    deliver,
    finish,
    lake_at,
    lake_files,
    left_in_staging,
    line,
    lines,
    load,
    published,
    start_python,
)

SMALL, LARGE = (
    csv([*lines(700), "junk"]),
    csv([*(line(n) for n in range(10_000, 19_000)), "a", "b"]),
)


FIGURES = "select count(*), sum(product_id)::bigint, count(distinct user_session)"
OLD = (700, sum(5_000_000 + n for n in range(700)), 700)
NEW = (9000, sum(5_000_000 + n for n in range(10_000, 19_000)), 9000)


def read_whole_file(path: Path, _: duckdb.DuckDBPyConnection) -> tuple[int, int, int]:
    table = pq.ParquetFile(path).read(columns=["product_id", "user_session"]).to_pydict()
    ids, sessions = table["product_id"], table["user_session"]
    return len(ids), sum(ids), len(set(sessions))


def read_raw_view(path: Path, db: duckdb.DuckDBPyConnection) -> tuple[int, ...] | None:
    lake = lake_at(path.parents[4])
    try:
        return db.execute(f"{FIGURES} from ({raw_view(EVENTS, lake, lake.location)})").fetchall()[0]
    except duckdb.Error:
        # DuckDB opens the file once to plan and once to scan. Where it was replaced between the
        # two, the query fails and can be asked again; it must never answer with other figures.
        return None


@pytest.mark.parametrize("read", [read_whole_file, read_raw_view])
def test_a_reader_sees_the_old_month_or_the_new_one(
    tmp_path: Path,
    read: Callable[[Path, duckdb.DuckDBPyConnection], tuple[int, ...] | None],
) -> None:
    load(tmp_path, SMALL)
    stop, seen = threading.Event(), Counter[object]()

    def look() -> None:
        with duckdb.connect(config={"threads": 1}) as db:
            while not stop.is_set():
                try:
                    seen[read(tmp_path / "lake" / PARQUET, db)] += 1
                except BaseException as fault:
                    seen[fault] += 1

    reader = threading.Thread(target=look)
    reader.start()
    for turn in range(12):
        load(tmp_path, SMALL if turn % 2 else LARGE, accept_worse=True)
    stop.set()
    reader.join()
    told_to_ask_again = seen.pop(None, 0)
    assert set(seen) <= {OLD, NEW}
    assert seen.total() > max(10, told_to_ask_again)


@pytest.mark.parametrize("contents", [(LARGE, LARGE), (SMALL, LARGE)], ids=["same", "different"])
def test_two_loads_of_a_month_end_in_one_intact_month(
    tmp_path: Path, contents: tuple[bytes, bytes]
) -> None:
    uri = lake_at(tmp_path).uri
    for turn in range(2):
        paths = [deliver(tmp_path / str(n), data).path for n, data in enumerate(contents)]
        pair = [start_python(LOAD, path, uri, "0", "", "force") for path in paths]
        for process in pair:
            finish(process)
        path = tmp_path / "lake" / PARQUET
        key = (pq.read_metadata(path).metadata or {})[b"load_key"].decode()
        assert len(published(tmp_path)) in (700, 9000)
        files = set(lake_files(tmp_path))
        quarantine = f"quarantine/cosmetics/events/event_month={MONTH}/{key}.parquet"
        assert files == {PARQUET, quarantine}, f"turn {turn}: the month and its own quarantine"
        assert left_in_staging(tmp_path) == []


def test_a_load_that_is_overtaken_keeps_the_winners_quarantine(tmp_path: Path) -> None:
    """The slow load stands between its two publications while another file is loaded."""
    uri = lake_at(tmp_path).uri
    slow = start_python(LOAD, deliver(tmp_path / "slow", SMALL).path, uri, "1", "after", "no")
    assert slow.stdout and [slow.stdout.readline() for _ in range(2)] == ["started\n", "here\n"]
    quick = start_python(LOAD, deliver(tmp_path / "quick", LARGE).path, uri, "0", "", "no")
    assert quick.stdout and quick.stdout.readline() == "started\n"
    with pytest.raises(Exception, match="timed out"):
        quick.wait(1.5)
    os.kill(slow.pid, signal.SIGKILL)  # the lock goes with its holder
    slow.wait()
    assert finish(quick).strip() == "9000"
    assert len([name for name in lake_files(tmp_path) if name.startswith("quarantine")]) == 1
