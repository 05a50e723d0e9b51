"""The ledger: one row per attempted load of a partition, `ops.load_ledger`.

Belongs here: writing an attempt's beginning and end, and reading them back. Stays out: deciding
what to load. Each attempt is one small JSON object in the lake that is replaced when the attempt
ends: no lock is shared with the warehouse, and an attempt that was killed still shows.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Literal

from ecommerce_assets.lib.lake import Lake, month_folder, process_alive

Status = Literal["running", "loaded", "unchanged", "failed", "interrupted"]
FOLDER = "ops/load_ledger"


@dataclass
class LedgerRow:
    """One attempted load. Times are UTC; bytes and seconds are whole-attempt figures.

    `rows_received = rows_accepted + rows_quarantined + blank_lines` in every row that is `loaded`.
    """

    attempt_id: str
    dataset: str
    step: str
    month: str
    status: Status
    started_at: str
    finished_at: str | None = None
    reason: str | None = None
    source_name: str | None = None
    source_version: str | None = None
    source_sha256: str | None = None
    source_bytes: int | None = None
    contract_version: str | None = None
    load_key: str | None = None
    rows_received: int | None = None
    rows_accepted: int | None = None
    rows_quarantined: int | None = None
    blank_lines: int | None = None
    reasons: dict[str, int] = field(default_factory=dict)
    unknown_columns: list[str] = field(default_factory=list)
    lake_bytes: int | None = None
    seconds: float | None = None
    run_id: str | None = None
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)


#: Columns of `ops.load_ledger` in DuckDB, in the order of `LedgerRow`.
DUCKDB_TYPES = {
    "started_at": "TIMESTAMPTZ",
    "finished_at": "TIMESTAMPTZ",
    "month": "DATE",
    "reasons": "MAP(VARCHAR, BIGINT)",
    "unknown_columns": "VARCHAR[]",
    "seconds": "DOUBLE",
    **dict.fromkeys(
        (
            "source_bytes",
            "rows_received",
            "rows_accepted",
            "rows_quarantined",
            "blank_lines",
            "lake_bytes",
            "pid",
        ),
        "BIGINT",
    ),
}


def ledger_columns() -> dict[str, str]:
    """Name and DuckDB type of every column of `ops.load_ledger`."""
    return {f.name: DUCKDB_TYPES.get(f.name, "VARCHAR") for f in fields(LedgerRow)}


class Ledger:
    """The ledger of one lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def begin(self, dataset: str, step: str, month: date, run_id: str | None = None) -> LedgerRow:
        """Write down that a load starts.

        Args:
            dataset: e.g. `cosmetics.events`.
            step: the layer that is loaded: `files` or `lake`.
            month: the partition.
            run_id: Dagster's run, where there is one.
        """
        row = LedgerRow(
            attempt_id=uuid.uuid4().hex,
            dataset=dataset,
            step=step,
            month=f"{month:%Y-%m-%d}",
            status="running",
            started_at=_now(),
            run_id=run_id,
        )
        row.seconds = None
        self._write(row)
        return row

    def finish(self, row: LedgerRow, status: Status, reason: str | None = None) -> None:
        """Write down how the load ended.

        Args:
            row: what `begin` gave, with the figures filled in.
            status: `loaded`, `unchanged` or `failed`.
            reason: for a failure, the text that the user saw.
        """
        row.status, row.reason, row.finished_at = status, reason, _now()
        started = datetime.fromisoformat(row.started_at)
        row.seconds = round(time.time() - started.timestamp(), 3)
        self._write(row)

    @contextmanager
    def attempt(
        self, dataset: str, step: str, month: date, run_id: str | None = None
    ) -> Iterator[LedgerRow]:
        """Write down a load that lasts as long as the block, whatever ends it.

        The block fills in the row; it ends as `loaded` unless the block sets another status, and
        as `failed` with the exception's text when one leaves the block.
        """
        row = self.begin(dataset, step, month, run_id)
        try:
            yield row
        except BaseException as error:
            self.finish(row, "failed", str(error).strip()[:2000] or type(error).__name__)
            raise
        self.finish(row, "loaded" if row.status == "running" else row.status)

    def rows(self, dataset: str | None = None, month: date | None = None) -> list[LedgerRow]:
        """The attempts, oldest first; a `running` one whose process is gone is `interrupted`.

        Args:
            dataset: only this data set.
            month: only this month.
        """
        found: list[LedgerRow] = []
        datasets = [f"{FOLDER}/{dataset}"] if dataset else self._lake.keys_in(FOLDER)
        for folder in datasets:
            months = [f"{folder}/{month_folder(month)}"] if month else self._lake.keys_in(folder)
            for partition in months:
                for key in self._lake.keys_in(partition):
                    found.append(LedgerRow(**json.loads(self._lake.read_bytes(key))))
        found.sort(key=lambda row: (row.started_at, row.attempt_id))
        last = {(row.dataset, row.step, row.month): row.attempt_id for row in found}
        for row in found:
            if row.status == "running" and (
                last[row.dataset, row.step, row.month] != row.attempt_id
                or (row.host == socket.gethostname() and not process_alive(row.pid))
            ):
                row.status = "interrupted"
        return found

    def latest(self, dataset: str, step: str) -> dict[date, LedgerRow]:
        """The newest attempt of each month of a data set's layer."""
        newest: dict[date, LedgerRow] = {}
        for row in self.rows(dataset):
            if row.step == step:
                newest[date.fromisoformat(row.month)] = row
        return newest

    def latest_failures(self) -> list[LedgerRow]:
        """The newest attempts that failed or were interrupted and were not made good since."""
        newest = {(row.dataset, row.step, row.month): row for row in self.rows()}
        return [row for row in newest.values() if row.status in ("failed", "interrupted")]

    def _write(self, row: LedgerRow) -> None:
        name = f"{row.started_at[:19].replace(':', '')}-{row.attempt_id}.json"
        month = month_folder(date.fromisoformat(row.month))
        self._lake.publish_json(asdict(row), f"{FOLDER}/{row.dataset}/{month}/{name}")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
