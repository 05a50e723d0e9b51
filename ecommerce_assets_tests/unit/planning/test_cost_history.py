"""Which rows of the ledger are measurements, and of what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecommerce_assets.lib.lake.ledger import COMMAND, LedgerRow
from ecommerce_assets.planning.cost import Point
from ecommerce_assets.planning.cost_history import counts, history_of

HERE = "here"


def row(step: str, **values: Any) -> LedgerRow:
    made = LedgerRow(
        attempt_id="a",
        dataset="cosmetics.events",
        step=step,
        month="2019-10-01",
        status="loaded",
        started_at="2026-01-01T00:00:00.000000+00:00",
        host=HERE,
    )
    return replace(made, **values)


COMMAND_ROW = row(
    COMMAND,
    seconds=20.0,
    estimated_seconds=10.0,
    peak_mb=600.0,
    estimated_mb=500.0,
    partitions_done=4,
    partitions_planned=4,
    step_seconds=15.0,
    runs=3,
    basis="9 measurements of this machine; interval declared, factor 2",
)


def test_a_load_is_measured_by_its_rows_and_a_fetch_by_its_bytes_and_source() -> None:
    rows = [
        row("lake", seconds=4.0, rows_received=1000, peak_mb=400.0),
        row("files", seconds=2.0, source_bytes=500, source_version="kaggle:7"),
        row("copy", seconds=1.0, source_bytes=900),
    ]
    found = history_of(rows, HERE, "duckdb", 100)
    assert found.seconds == {
        "lake": [Point(1000, 4.0)],
        "files kaggle": [Point(500, 2.0)],
        "copy": [Point(900, 1.0)],
    }
    assert found.megabytes == {"lake": [Point(1000, 400.0)]}


def test_the_months_of_one_dbt_call_are_one_measurement() -> None:
    call: dict[str, Any] = {"seconds": 3.0, "months_in_call": 2, "run_id": "r", "peak_mb": 700.0}
    rows = [
        row("models", month="2019-10-01", rows_read=1000, **call),
        row("models", month="2019-11-01", rows_read=3000, **call),
        row("models", run_id="other", seconds=1.0, months_in_call=1, rows_read=10),
    ]
    found = history_of(rows, HERE, "duckdb", 100)
    assert found.seconds["models"] == [Point(4200, 6.0), Point(110, 1.0)]
    assert found.megabytes["models"] == [Point(3000, 700.0)]


def test_other_hosts_other_engines_failures_and_rows_of_before_do_not_count() -> None:
    rows = [
        row("lake", seconds=4.0, rows_received=1000, host="elsewhere"),
        row("history", seconds=4.0, rows_read=1000, engine="bigquery"),
        row("lake", seconds=4.0, rows_received=1000, status="failed"),
        row("lake", seconds=0.1, rows_received=1000, status="unchanged"),
        row("models", seconds=4.0, run_id="r"),
    ]
    found = history_of(rows, HERE, "duckdb", 100)
    assert (dict(found.seconds), list(found.errors)) == ({}, [])


def test_a_command_gives_its_overhead_and_its_errors() -> None:
    found = history_of([COMMAND_ROW], HERE, "duckdb", 100)
    assert found.seconds["overhead"] == [Point(3, 5.0)]
    assert (list(found.errors), list(found.memory_errors)) == ([2.0], [1.2])


def test_a_command_that_did_less_than_planned_or_was_not_estimated_from_history_is_no_error() -> (
    None
):
    assert counts(COMMAND_ROW)
    for other in (
        replace(COMMAND_ROW, partitions_done=3),
        replace(COMMAND_ROW, partitions_done=0, partitions_planned=0),
        replace(COMMAND_ROW, status="failed"),
        replace(COMMAND_ROW, basis="shipped defaults; interval declared, factor 3"),
        replace(COMMAND_ROW, basis=None),
    ):
        assert not counts(other)
