"""Readers see whole months while they are replaced; loads side by side end in one intact month."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.warehouse.duckdb import raw_view
from ecommerce_assets_tests.builders import (
    EVENTS,
    MONTH,
    PARQUET,
    csv,
    deliver,
    finish,
    lake_at,
    lake_files,
    left_in_staging,
    lines,
    load,
    published,
    start_python,
)
from ecommerce_assets_tests.integration.ingest.drivers import LOAD

SMALL, LARGE = csv([*lines(700), "junk"]), csv([*lines(9000), "junk", "more junk"])


def test_a_reader_sees_the_old_month_or_the_new_one(tmp_path: Path) -> None:
    load(tmp_path, SMALL)
    lake, stop = lake_at(tmp_path), threading.Event()
    seen: list[tuple[int, int]] = []
    faults: list[BaseException] = []
    per_month = f"select count(*), count(distinct product_id) from ({raw_view(EVENTS, lake)})"

    def read() -> None:
        try:
            with duckdb.connect(config={"threads": 1}) as db:
                while not stop.is_set():
                    seen.append(db.execute(per_month).fetchall()[0])
        except BaseException as fault:
            faults.append(fault)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(16):
        load(tmp_path, SMALL if turn % 2 else LARGE)
    stop.set()
    reader.join()
    assert not faults
    assert set(seen) <= {(700, 700), (9000, 9000)}
    assert len(seen) > 10


@pytest.mark.parametrize("contents", [(LARGE, LARGE), (SMALL, LARGE)], ids=["same", "different"])
def test_two_loads_of_a_month_end_in_one_intact_month(
    tmp_path: Path, contents: tuple[bytes, bytes]
) -> None:
    uri = lake_at(tmp_path).uri
    for turn in range(3):
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
