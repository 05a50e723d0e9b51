"""What the ledger and the shipped file know of costs, as `cost.py` takes it.

Belongs here: which rows of the ledger are measurements of which step. Stays out: what is made of
them. Only rows of this host count, and of steps that work in the warehouse only its own engine's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ecommerce_assets.lib.lake.ledger import COMMAND, LedgerRow
from ecommerce_assets.planning.cost import SHIPPED_WORDS, History, Line, Point, Shipped

Points = dict[str, list[Point]]


@cache
def shipped_costs() -> Shipped:
    """The figures that are shipped with the software."""
    import yaml

    text = (Path(__file__).parent / "shipped_costs.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    return Shipped(
        seconds=_lines(document["seconds"]),
        megabytes=_lines(document["megabytes"]),
        batch_rows=float(document["batch_rows"]),
        bytes_per_row=document["bytes_per_row"],
        rows_per_month=int(document["rows_per_month"]),
        warehouse_bytes_per_row=float(document["warehouse_bytes_per_row"]),
    )


def _lines(document: Mapping[str, Any]) -> dict[str, Line]:
    return {
        step: Line(**{name: float(value) for name, value in line.items()})  # type: ignore[arg-type]
        for step, line in document.items()
    }


def history_of(rows: Sequence[LedgerRow], host: str, engine: str, batch_rows: float) -> History:
    """What a machine's rows of the ledger say of its costs.

    Args:
        rows: the ledger's, oldest first.
        host: the machine's name.
        engine: the warehouse's kind.
        batch_rows: as in `Shipped`.
    """
    own = [row for row in rows if row.host == host and row.engine in (None, engine)]
    seconds: Points = defaultdict(list)
    megabytes: Points = defaultdict(list)
    calls: dict[str, list[LedgerRow]] = defaultdict(list)
    for row in own:
        if row.status != "loaded" or not row.seconds:
            continue
        if row.step == "files" and row.source_bytes:
            seconds[fetch_step(row.source_version or "")].append(
                Point(row.source_bytes, row.seconds)
            )
        elif row.step == "copy" and row.source_bytes:
            seconds["copy"].append(Point(row.source_bytes, row.seconds))
        elif row.step == "lake" and row.rows_received:
            seconds["lake"].append(Point(row.rows_received, row.seconds))
            _add_peak(megabytes["lake"], row.rows_received, row.peak_mb)
        elif row.step == "history" and row.rows_read is not None:
            seconds["history"].append(Point(row.rows_read, row.seconds))
            _add_peak(megabytes["history"], row.rows_read, row.peak_mb)
        elif row.step == "models" and row.rows_read is not None:
            calls[row.run_id or row.attempt_id].append(row)
        elif row.step == COMMAND and row.runs is not None and row.step_seconds is not None:
            seconds["overhead"].append(Point(row.runs, row.seconds - row.step_seconds))
    for call in calls.values():
        sizes = [row.rows_read or 0 for row in call]
        size = call_size(sizes, batch_rows)
        seconds["models"].append(Point(size, sum(row.seconds or 0.0 for row in call)))
        _add_peak(megabytes["models"], max(sizes), max(row.peak_mb or 0.0 for row in call))
    commands = [row for row in own if row.step == COMMAND and counts(row)]
    return History(
        seconds=seconds,
        megabytes=megabytes,
        errors=[(row.seconds or 0) / (row.estimated_seconds or 1) for row in commands],
        memory_errors=[(row.peak_mb or 0) / (row.estimated_mb or 1) for row in commands],
    )


def fetch_step(version: str) -> str:
    """The step of a fetched file: each kind of source has its own cost."""
    return f"files {version.partition(':')[0]}"


def call_size(rows_of_months: Sequence[int], batch_rows: float) -> float:
    """The size of a dbt call: the rows of its months, and a fixed number for each month."""
    return sum(rows_of_months) + batch_rows * len(rows_of_months)


def counts(row: LedgerRow) -> bool:
    """Whether a command's error tells of the next one: done as planned, estimated from history."""
    return (
        row.status == "loaded"
        and bool(row.partitions_done)
        and row.partitions_done == row.partitions_planned
        and bool(row.estimated_seconds and row.estimated_mb)
        and SHIPPED_WORDS not in (row.basis or SHIPPED_WORDS)
    )


def _add_peak(points: list[Point], size: float, peak: float | None) -> None:
    if peak:
        points.append(Point(size, peak))
