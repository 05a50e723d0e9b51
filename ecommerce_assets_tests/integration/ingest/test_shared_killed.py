"""A load out of a shared file that is killed anywhere and run again ends in the same lake."""

from __future__ import annotations

import random
import time
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets_tests.integration.ingest.shared_drivers import (
    kill_after,
    kill_at,
    start_load,
)
from ecommerce_assets_tests.support.builders import (
    deliver,
    finish,
    lake_at,
    lake_files,
    left_in_staging,
)
from ecommerce_assets_tests.support.shared_files import (
    JANUARY,
    JUNE,
    assert_split_right,
    held_of,
    invoice,
    load_part,
    retail_file,
    rows_of,
)

BAD = [invoice(7, Quantity="x"), "old junk"]
OLD = retail_file([*(invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(100)), *BAD])
NEW_BAD = [invoice(8, JUNE, Country=""), invoice(9, Quantity="y"), "new junk", '"']
NEW = retail_file(
    [*(invoice(n, (JANUARY, JUNE)[n % 2]) for n in range(4000)), "", *NEW_BAD, invoice(4000)]
)
#: What is published of a load, in its order: the undated rows, the split's accepted and bad rows,
#: the month's quarantine, the month.
STEPS = ("rows", "bad", "undated", "quarantine", "month")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_publication_the_next_run_ends_as_if_nothing_had_been(
    tmp_path: Path, step: str, when: str
) -> None:
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    for folder in (clean, killed):
        load_part(folder, OLD, JANUARY)
    load_part(clean, NEW, JANUARY)
    path, uri = deliver(killed, NEW, "data.csv").path, lake_at(killed).uri

    kill_at(path, uri, JANUARY, STEPS.index(step) + 1, when)

    published = (step, when) == ("month", "after")
    shown = rows_of(killed, JANUARY)
    assert len(shown) == (2001 if published else 50), "the old month or the new one, whole"
    load_part(killed, NEW, JANUARY)
    assert lake_files(killed).keys() - old_split(killed) == lake_files(clean).keys() - old_split(
        clean
    )
    assert rows_of(killed, JANUARY) == rows_of(clean, JANUARY)
    assert [q["raw_line"] for q in held_of(killed, UNDATED)] == ["new junk", '"']
    assert_split_right(killed, NEW, [JANUARY])
    with lake_at(killed).staging():
        pass
    assert left_in_staging(killed) == []


def old_split(folder: Path) -> set[str]:
    """The split of the file before: it goes when the next file is fetched, not when it is read."""
    names = [
        name for name in lake_files(folder) if name.endswith((".rows.parquet", ".bad.parquet"))
    ]
    newest = max(names, key=lambda name: (folder / "lake" / name).stat().st_mtime_ns)
    return {name for name in names if Path(name).parent != Path(newest).parent}


@pytest.mark.parametrize("month", [JANUARY, JUNE, date(2011, 3, 1)], ids=["own", "other", "empty"])
def test_a_month_after_a_killed_one_takes_the_split_or_makes_it(
    tmp_path: Path, month: date
) -> None:
    path = deliver(tmp_path, NEW, "data.csv").path
    for step, wanted in (("bad", "read"), ("quarantine", "found")):
        folder = tmp_path / step
        kill_at(path, lake_at(folder).uri, JANUARY, STEPS.index(step) + 1, "before")
        printed = finish(start_load(path, lake_at(folder).uri, month)).split()
        assert printed[2] == wanted, "whole, or made again"
        assert_split_right(folder, NEW, [month])


def test_killed_at_any_moment_the_next_run_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    clean, chance = tmp_path / "clean", random.Random(5)
    for month in (JANUARY, JUNE):
        load_part(clean, NEW, month)
    path = deliver(tmp_path / "file", NEW, "data.csv").path
    start = time.monotonic()
    finish(start_load(path, lake_at(tmp_path / "measured").uri, JANUARY))
    whole = min(time.monotonic() - start, 1.0)
    for turn in range(4):
        killed = tmp_path / f"killed-{turn}"
        for month in (JANUARY, JUNE):
            kill_after(path, lake_at(killed).uri, month, chance.uniform(0, whole))
        for month in (JANUARY, JUNE):
            load_part(killed, NEW, month)
        assert lake_files(killed).keys() == lake_files(clean).keys()
        assert_split_right(killed, NEW, [JANUARY, JUNE])
        with lake_at(killed).staging():
            assert len(left_in_staging(killed)) == 1, "only the folder of the living"
