"""What goes from the staging area, and what stays there and everywhere else."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.ingest.leftovers import clear, leftovers
from ecommerce_assets.lib.lake.lake import Lake

WEEK = timedelta(days=7)
NOW = datetime(2020, 3, 31, 12, tzinfo=UTC)
HOME = "files/electronics/purchases/all_months"
PUBLISHED = "electronics/purchases/event_month=2020-03-01/purchases.parquet"
OLD, YOUNG = NOW - timedelta(days=30), NOW - timedelta(days=3)
#: Everything that a lake may hold, with the reason for which it goes once it is old.
HELD = {
    f"{HOME}/source.json": None,
    f"{HOME}/aaaaaaaaaaaa/kz.csv.zip": None,
    f"{HOME}/aaaaaaaaaaaa/k.rows.parquet": "read from a delivery that is still here",
    f"{HOME}/bbbbbbbbbbbb/kz.csv.zip": "of an earlier delivery",
    f"{HOME}/dddddddddddd/kz.csv.zip": None,  # what a published month was made from
    f"{HOME}/dddddddddddd/k.rows.parquet": "read from a delivery that is still here",
    "files/cosmetics/events/event_month=2019-10-01/cccccccccccc/2019-Oct.csv": (
        "of a delivery that never ended"
    ),
    PUBLISHED: None,
    "quarantine/electronics/purchases/event_month=1970-01-01/k.parquet": None,
    "ops/ledger/electronics.purchases/event_month=2020-03-01/x.json": None,
}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    for key in HELD:
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        note = {"key": f"{HOME}/aaaaaaaaaaaa/kz.csv.zip"}
        path.write_text(json.dumps(note) if key.endswith("source.json") else "x")
    empty = pa.schema([], metadata={"source_sha256": "d" * 64}).empty_table()
    pq.write_table(empty, tmp_path / PUBLISHED)
    return Lake(tmp_path.as_uri())


def aged(lake: Lake, tmp_path: Path, written: datetime) -> dict[str, str]:
    for key in HELD:
        os.utime(tmp_path / key, (written.timestamp(), written.timestamp()))
    return {found.entry.key: found.why for found in leftovers(lake, WEEK, NOW)}


def test_old_leftovers_go_with_their_reason(lake: Lake, tmp_path: Path) -> None:
    assert aged(lake, tmp_path, OLD) == {key: why for key, why in HELD.items() if why}


def test_what_is_young_stays_whatever_it_is(lake: Lake, tmp_path: Path) -> None:
    assert aged(lake, tmp_path, YOUNG) == {}


def test_only_what_was_found_is_removed(lake: Lake, tmp_path: Path) -> None:
    aged(lake, tmp_path, OLD)

    assert clear(lake, leftovers(lake, WEEK, NOW)) == (4, 4)

    left = {key for key in HELD if (tmp_path / key).exists()}
    assert left == {key for key, why in HELD.items() if not why}
    assert leftovers(lake, WEEK, NOW) == []
