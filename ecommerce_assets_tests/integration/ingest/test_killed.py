"""A load that is killed anywhere and run again ends in the same lake."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from ecommerce_assets_tests.integration.ingest.drivers import LOAD, kill_after, kill_at
from ecommerce_assets_tests.support.builders import (
    csv,
    deliver,
    finish,
    lake_at,
    lake_files,
    left_in_staging,
    lines,
    load,
    published,
    quarantined,
    start_python,
)

OLD = csv([*lines(50), "old junk"])
NEW = csv([*lines(30_000), "new junk", ""])


@pytest.mark.parametrize(
    ("stop", "when", "shown"),
    [(1, "before", 50), (1, "after", 50), (2, "before", 50), (2, "after", 30_000)],
    ids=[
        "before anything is published",
        "between quarantine and Parquet",
        "with both written, one published",
        "before the old quarantine goes",
    ],
)
def test_killed_at_a_publication_the_next_run_ends_as_if_nothing_had_been(
    tmp_path: Path, stop: int, when: str, shown: int
) -> None:
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    load(clean, OLD)
    load(clean, NEW)
    load(killed, OLD)
    kill_at(deliver(killed, NEW).path, lake_at(killed).uri, stop, when)
    assert len(published(killed)) == shown, "a reader sees the old month or the new one"
    result = load(killed, NEW)
    assert lake_files(killed).keys() == lake_files(clean).keys()
    assert published(killed) == published(clean)
    assert [q["raw_line"] for q in quarantined(killed, result)] == ["new junk"]
    with lake_at(killed).staging():
        pass
    assert left_in_staging(killed) == []


def test_killed_at_any_moment_the_next_run_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    load(clean, OLD)
    load(clean, NEW)
    lake, chance = lake_at(killed), random.Random(5)
    path = deliver(killed, NEW).path
    start = time.monotonic()
    finish(start_python(LOAD, path, lake.uri, "0", "", "no"))
    whole = time.monotonic() - start
    rows, at_most = published(clean), min(whole, 1.0)
    for _ in range(4):
        load(killed, OLD, name="2019-Oct.old.csv", accept_worse=True)
        kill_after(path, lake.uri, chance.uniform(0, at_most))
        assert len(published(killed)) in (50, 30_000)
        with lake.staging():
            # A lock's file goes with the next one who takes the lock.
            folders = [name for name in left_in_staging(killed) if not name.endswith(".lock")]
            assert len(folders) == 1, "only the folder of the living"
        load(killed, NEW)
        assert published(killed) == rows
        assert lake_files(killed).keys() == lake_files(clean).keys()
    assert left_in_staging(killed) == []


def test_a_killed_note_leaves_nothing_behind(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    script = (
        "import os, signal, sys\nfrom ecommerce_assets.lib.lake.lake import Lake\n"
        "Lake.publish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "Lake(sys.argv[1]).publish_json({'a': 1}, 'ops/note.json')\n"
    )
    assert start_python(script, lake.uri).wait() == -9
    assert left_in_staging(tmp_path) != []
    lake.publish_json({"a": 2}, "ops/note.json")
    assert list(lake_files(tmp_path)) == ["ops/note.json"]
    assert left_in_staging(tmp_path) == []
