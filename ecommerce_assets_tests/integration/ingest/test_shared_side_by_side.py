"""Months of one file that are fetched and loaded at once: one reads it, the others find it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ecommerce_assets.lib.ingest.fetch import fetched
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.integration.ingest.shared_drivers import FETCH, start_load
from ecommerce_assets_tests.support.builders import (
    deliver,
    files_in,
    finish,
    lake_at,
    lake_files,
    left_in_staging,
    start_python,
)
from ecommerce_assets_tests.support.shared_files import (
    JANUARY,
    JUNE,
    MARCH,
    PURCHASES,
    assert_split_right,
    electronics_file,
    held_of,
    invoice,
    purchase,
    retail_file,
)

MONTHS = (JANUARY, MARCH, JUNE)
FILE = retail_file([*(invoice(n, MONTHS[n % 3]) for n in range(6000)), "junk", invoice(1)[:-20]])


def test_months_that_are_loaded_at_once_read_the_file_once(tmp_path: Path) -> None:
    path, uri = deliver(tmp_path, FILE, "data.csv").path, lake_at(tmp_path).uri
    pair = [start_load(path, uri, month) for month in (JANUARY, JUNE)]
    printed = [finish(process).split()[1:] for process in pair]
    assert [rows for rows, _ in printed] == ["2000", "2000"]
    assert sorted(how for _, how in printed) == ["found", "read"]
    assert_split_right(tmp_path, FILE, [JANUARY, JUNE])
    assert len(held_of(tmp_path, UNDATED)) == 2
    assert sum(name.endswith(".rows.parquet") for name in lake_files(tmp_path)) == 1
    assert left_in_staging(tmp_path) == []


def test_the_same_month_loaded_twice_at_once_is_one_month(tmp_path: Path) -> None:
    path, uri = deliver(tmp_path, FILE, "data.csv").path, lake_at(tmp_path).uri
    pair = [start_load(path, uri, MARCH) for _ in range(2)]
    assert [finish(process).split()[1] for process in pair] == ["2000", "2000"]
    assert_split_right(tmp_path, FILE, [MARCH])
    assert left_in_staging(tmp_path) == []


def test_months_that_are_fetched_at_once_fetch_the_file_once(tmp_path: Path) -> None:
    landing, lake = tmp_path / "landing", lake_at(tmp_path)
    landing.mkdir()
    data = electronics_file([purchase(n) for n in range(60_000)])
    (landing / "kz.csv").write_bytes(data)
    months = [date(2020, month, 1) for month in (1, 4, 11)]
    crowd = [  # each waits for its line of input, so that all are ready before the first begins
        start_python(FETCH, landing, lake.uri, str(month), tmp_path / "downloads", stdin=True)
        for month in months
    ]
    for process in crowd:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in crowd:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sorted(finish(process).strip() for process in crowd) == [
        "fetched",
        "found",
        "found",
    ]
    note = fetched(Slice(lake, PURCHASES, Month(months[0])))
    assert note is not None and note.size == len(data)
    kept = files_in(tmp_path / "lake" / "files")
    assert sorted(Path(name).name for name in kept) == ["kz.csv", "source.json"]
    assert not [path for path in (tmp_path / "downloads").rglob("*") if path.is_file()]
