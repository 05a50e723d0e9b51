"""The ledger shows every attempted load, the killed ones too, here and in the warehouse."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ecommerce_assets.lib.lake.ledger import (
    COMMAND,
    OVER_ALL_MONTHS,
    Ledger,
    LedgerRow,
    ledger_columns,
)
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
BEGIN = """
import sys, time
from datetime import date
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month
ledger = Ledger(Lake(sys.argv[1]))
for turn in range(int(sys.argv[2])):
    row = ledger.begin("cosmetics.events", "lake", Month(date(2019, 10, 1)))
    if sys.argv[3] == "finish":
        ledger.finish(row, "loaded")
print("begun", flush=True)
if sys.argv[3] == "hang":
    time.sleep(60)
"""


def test_an_attempt_runs_and_then_is_loaded_or_failed(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    good = ledger.begin(SET, "lake", Month(MONTH), run_id="run-1")
    assert [r.status for r in ledger.rows()] == ["running"]
    good.rows_received = 3
    ledger.finish(good, "loaded")
    bad = ledger.begin(SET, "lake", Month(NOVEMBER))
    ledger.finish(bad, "failed", "it is empty — what to do: fetch it again")
    assert ledger.rows() == [good, bad]
    assert [r.status for r in ledger.rows(SET, Month(NOVEMBER))] == ["failed"]
    assert ledger.rows("other.set") == []
    assert bad.seconds is not None and bad.seconds >= 0
    assert [r.attempt_id for r in ledger.latest_failures()] == [bad.attempt_id]


def test_a_failure_is_forgotten_once_it_is_made_good(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    ledger.finish(ledger.begin(SET, "lake", Month(MONTH)), "failed", "x")
    ledger.finish(ledger.begin(SET, "files", Month(MONTH)), "failed", "x")
    ledger.finish(ledger.begin(SET, "lake", Month(MONTH)), "loaded")
    assert [r.step for r in ledger.latest_failures()] == ["files"]


def test_latest_is_the_newest_attempt_of_each_month_of_one_layer(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    for step, month in (("lake", MONTH), ("lake", NOVEMBER), ("files", MONTH), ("lake", MONTH)):
        ledger.finish(ledger.begin(SET, step, Month(month)), "loaded")
    latest = ledger.latest(SET, "lake")
    rows = ledger.rows()
    assert {key.words: row.attempt_id for key, row in latest.items()} == {
        "2019-10": rows[3].attempt_id,
        "2019-11": rows[1].attempt_id,
    }


def test_a_killed_attempt_shows_as_interrupted(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    process = start_python(BEGIN, lake.uri, "1", "hang")
    assert process.stdout and process.stdout.readline() == "begun\n"
    assert [r.status for r in Ledger(lake).rows()] == ["running"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert [r.status for r in Ledger(lake).rows()] == ["interrupted"]
    assert len(Ledger(lake).latest_failures()) == 1


def test_writers_side_by_side_lose_no_row(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    processes = [start_python(BEGIN, lake.uri, "15", "finish") for _ in range(2)]
    for process in processes:
        finish(process)
    rows = Ledger(lake).rows()
    assert len({r.attempt_id for r in rows}) == len(rows) == 30
    assert {r.status for r in rows} == {"loaded"}


def test_the_warehouse_shows_the_ledger_with_its_declared_types(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    row = Ledger(lake).begin(SET, "lake", Month(MONTH), run_id="run-1")
    row.rows_received, row.rows_accepted, row.lake_bytes = 3, 2, 2**40
    row.reasons, row.unknown_columns = {"missing:price": 1}, ["colour", ""]
    Ledger(lake).finish(row, "loaded", 'said "so", — and 100 %')
    open_row = Ledger(lake).begin(SET, "lake", Month(NOVEMBER))
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.load_operations(EVENTS, lake)
    described = warehouse.query("describe ops.load_ledger")
    types = {
        name: kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
        for name, kind, *_ in described
    }
    assert types == ledger_columns()
    assert {types[name] for name in ("rows_added", "runs", "pid")} == {"BIGINT"}
    assert (types["seconds"], types["estimated_mb"], types["basis"]) == ("DOUBLE",) * 2 + (
        "VARCHAR",
    )
    assert list(types) == list(asdict(row))
    shown = warehouse.query("select * from ops.load_ledger order by started_at")
    for wanted, got in zip((row, open_row), shown, strict=True):
        assert as_shown(wanted) == dict(zip(types, got, strict=True))


def as_shown(row: LedgerRow) -> dict[str, object]:
    shown: dict[str, object] = asdict(row)
    for name in ("started_at", "finished_at"):
        text = shown[name]
        shown[name] = datetime.fromisoformat(str(text)).astimezone(UTC) if text else None
    shown["month"] = row.first_day
    return shown


def test_months_of_other_runs_are_read_back_from_disk(tmp_path: Path) -> None:
    row = Ledger(lake_at(tmp_path)).begin(SET, "lake", Month(MONTH))
    assert Ledger(lake_at(tmp_path)).rows()[0] == row


def test_objects_of_before_a_column_was_there_are_read_here_and_in_the_warehouse(
    tmp_path: Path,
) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    row = Ledger(lake).begin(SET, "lake", Month(MONTH))
    Ledger(lake).finish(row, "loaded")
    (path,) = (tmp_path / "lake" / "ops").rglob("*.json")
    kept = ("attempt_id", "dataset", "step", "month", "status", "started_at", "host", "pid")
    document = {name: value for name, value in json.loads(path.read_text()).items() if name in kept}
    path.write_text(json.dumps(document) + "\n")

    (found,) = Ledger(lake).rows()
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.load_operations(EVENTS, lake)

    assert (found.status, found.rows_added, found.estimated_seconds) == ("loaded", None, None)
    assert warehouse.query("select step, rows_added, basis from ops.load_ledger") == [
        ("lake", None, None)
    ]


def test_columns_that_a_later_version_wrote_are_passed_over(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    Ledger(lake).finish(Ledger(lake).begin(SET, "lake", Month(MONTH)), "loaded")
    (path,) = (tmp_path / "lake" / "ops").rglob("*.json")
    document = json.loads(path.read_text()) | {"colour": "red", "figures": {"deep": [1]}}
    path.write_text(json.dumps(document) + "\n")

    (found,) = Ledger(lake).rows()
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.load_operations(EVENTS, lake)

    assert (found.step, found.status) == ("lake", "loaded")
    assert warehouse.query("select step, status from ops.load_ledger") == [("lake", "loaded")]


def test_the_newest_attempt_is_the_last_one_begun_whatever_the_clock_said(tmp_path: Path) -> None:
    ledger, now = Ledger(lake_at(tmp_path)), datetime.now(UTC)
    for status, off in (("failed", 0), ("loaded", 3650), ("failed", -3650), ("loaded", 1)):
        row = ledger.begin(SET, "lake", Month(MONTH), started=now + timedelta(days=off))
        ledger.finish(row, status)  # type: ignore[arg-type]
        assert ledger.latest(SET, "lake")[Month(MONTH)] == row
        assert [r.status for r in ledger.latest_failures()] == [status] * (status == "failed")
    assert [r.sequence for r in ledger.rows()] == [1, 2, 3, 4]


def test_attempts_from_before_there_was_a_sequence_come_first(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    old = ledger.begin(SET, "lake", Month(MONTH), started=datetime.now(UTC) + timedelta(days=3650))
    ledger.finish(old, "failed")
    (path,) = (tmp_path / "lake" / "ops").rglob("*.json")
    document = {k: v for k, v in json.loads(path.read_text()).items() if k != "sequence"}
    path.with_name(f"2036-01-01T000000-{old.attempt_id}.json").write_text(json.dumps(document))
    path.unlink()

    new = ledger.begin(SET, "lake", Month(MONTH))
    ledger.finish(new, "loaded")

    assert new.sequence == 1
    assert [row.attempt_id for row in ledger.rows()] == [old.attempt_id, new.attempt_id]
    assert ledger.latest_failures() == []


def test_months_of_one_call_share_its_seconds(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    started = datetime.now(UTC) - timedelta(seconds=100)
    row = ledger.begin(SET, "models", Month(MONTH), started=started)
    row.months_in_call = 4
    ledger.finish(row, "loaded")
    assert row.seconds is not None and 25 <= row.seconds < 30


def test_an_attempt_keeps_its_peak_and_the_reason_that_its_block_gave(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    with ledger.attempt(SET, "raw", Month(MONTH)) as row:
        row.status, row.reason = "failed", "not the rows of the lake"
    (found,) = ledger.rows()
    assert (found.status, found.reason) == ("failed", "not the rows of the lake")
    assert found.peak_mb is not None and found.peak_mb > 10


def test_a_failed_command_is_no_failure_of_a_load(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    ledger.finish(ledger.begin(SET, COMMAND, Month(MONTH)), "failed", "2019-10: broken")
    assert ledger.latest_failures() == []


def test_what_looks_at_all_months_is_made_good_under_another_months_label(tmp_path: Path) -> None:
    """Its row carries the newest month of its time: without this it would be failed for ever."""
    ledger = Ledger(lake_at(tmp_path))
    for step in OVER_ALL_MONTHS:
        ledger.finish(ledger.begin(SET, step, Month(MONTH)), "failed", "a model")
    assert len(ledger.latest_failures()) == len(OVER_ALL_MONTHS)
    for step in OVER_ALL_MONTHS:
        ledger.finish(ledger.begin(SET, step, Month(date(2031, 1, 1))), "loaded")
    assert ledger.latest_failures() == []


# What is in the place of a row ------------------------------------------------------------------

ROW_ELSE = {
    "empty": b"",
    "half": b'{"attempt_id": "a", "data',
    "foreign": b'{"id": 1}',
    "list": b"[1, 2]",
    "null": b"null",
    "deep": b"[" * 100_000,
    "binary": bytes(range(256)) * 20,
    "zeros": b"\0" * 500,
    "page": b"<html><body>503</body></html>\n",
}


@pytest.mark.parametrize("kind", [*ROW_ELSE, "number", "month", "time", "folder", "link", "pipe"])
def test_an_object_that_is_not_a_row_is_named_and_all_rows_are_read(
    kind: str, tmp_path: Path
) -> None:
    lake = lake_at(tmp_path)
    load(tmp_path, csv(lines(3)))
    row = Ledger(lake).begin(SET, "lake", Month(MONTH))
    Ledger(lake).finish(row, "loaded")
    (good,) = (tmp_path / "lake" / "ops").rglob("*.json")
    text, path = good.read_text(), good.with_name(f"{kind}.json")
    changed = {
        "number": text.replace('"rows_received": null', '"rows_received": "many"'),
        "month": text.replace("2019-10-01", "october"),
        "time": text.replace(row.started_at, "yesterday"),
    }
    if kind == "folder":
        path.mkdir()
        (path / "inside.json").write_text("{}")
    elif kind == "link":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(changed[kind].encode() if kind in changed else ROW_ELSE[kind])

    rows, bad = Ledger(lake).read()

    assert rows == [row]
    (only,) = bad
    assert f"{kind}.json" in only.key and only.why
    assert Ledger(lake).begin(SET, "lake", Month(MONTH)).sequence == 2
    if kind not in ("link", "pipe", "number", "month", "time"):
        warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
        warehouse.load_operations(EVENTS, lake)
        assert warehouse.query("select count(*) from ops.load_ledger") == [(2,)]


def test_a_replay_that_was_killed_is_made_good_by_a_load_of_its_month(tmp_path: Path) -> None:
    ledger = Ledger(lake_at(tmp_path))
    ledger.finish(ledger.begin(SET, "lake", Month(MONTH)), "loaded")
    ledger.finish(ledger.begin(SET, "replay", Month(MONTH)), "interrupted")
    ledger.finish(ledger.begin(SET, "lake", Month(NOVEMBER)), "loaded")
    assert [(row.step, row.month) for row in ledger.latest_failures()] == [("replay", f"{MONTH}")]

    ledger.finish(ledger.begin(SET, "lake", Month(MONTH)), "unchanged")
    assert ledger.latest_failures() == []

    ledger.finish(ledger.begin(SET, "replay", Month(MONTH)), "failed")
    ledger.finish(ledger.begin(SET, "lake", Month(MONTH)), "failed")
    assert {row.step for row in ledger.latest_failures()} == {"replay", "lake"}
