"""The ledger: one row per attempted load of a partition and per command, `ops.load_ledger`.

Belongs here: writing an attempt's beginning and end, and reading them back. Stays out: deciding
what to load (`planning.py`), estimating from it (`costs.py`). Each attempt is one small JSON object
in the lake that is replaced when the attempt ends: no lock is shared with the warehouse, and an
attempt that was killed still shows.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Literal, get_args, get_type_hints

from ecommerce_assets.lib.lake import Lake, month_folder, process_alive
from ecommerce_assets.lib.memory import MemoryWatch

Status = Literal["running", "loaded", "unchanged", "failed", "interrupted"]
FOLDER = "ops/load_ledger"
#: Digits of the sequence in an object's name; a time of earlier versions has a `-` before.
DIGITS = 8


@dataclass
class LedgerRow:
    """One attempted load, or one command (step `backfill`). Times are UTC.

    `rows_received = rows_accepted + rows_quarantined + blank_lines` in every row of the steps
    `lake` and `replay` that is `loaded`. Columns that a step does not know are null; an object
    that was written before a column was there reads as null, too, and what a later version wrote
    beside these is passed over.

    Attributes:
        sequence: place among the attempts of the same data set and month, counted from 1. It says
            which attempt is the newest: a clock may have been wrong once. Null in rows that were
            written before there was one; they come first.
        warehouse: identity of the warehouse that a step of models wrote, with its `generation`
            then; see `warehouse/builds.py`.
        change: what a load changed of its month, a `changes.Kind`; with it go `rows_added`,
            `rows_removed` and `rows_altered`. An `unchanged` row repeats those of the load that it
            found published.
        rows_read: rows of the raw table that a step of models looks at: its month's, or all.
        without_rows: the monthly marts that a month's models left without a row of it, because
            nothing of their kind happened in it; null where nobody looked.
        seconds: of the attempt. A dbt call builds several months and has a row for each: each
            says its share, `1 / months_in_call` of the call.
        engine: the warehouse's kind, for steps that work in it.
        bytes_processed: read by the warehouse's queries; with it go `bytes_billed`, `slot_ms` and
            `usd`, the price on demand in US dollars. Null where the engine charges nothing.
        peak_mb: largest sample of the memory of the process and its children, in 10^6 bytes.
        command: what was called; from here on columns are of commands alone.
        basis: what the estimate was made from; `estimated_*` are its low, middle and high figure.
        step_seconds: the part of `seconds` that the command's own rows account for.
        runs: Dagster runs that it started.
        partitions_planned: months to load and months of models, counted together; likewise `rows_*`
            and `bytes_*`: rows loaded and rows modelled, bytes of source files loaded.
    """

    attempt_id: str
    dataset: str
    step: str
    month: str
    status: Status
    started_at: str
    sequence: int | None = None
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
    change: str | None = None
    rows_added: int | None = None
    rows_removed: int | None = None
    rows_altered: int | None = None
    rows_read: int | None = None
    without_rows: list[str] | None = None
    months_in_call: int | None = None
    seconds: float | None = None
    engine: str | None = None
    warehouse: str | None = None
    generation: int | None = None
    bytes_processed: int | None = None
    bytes_billed: int | None = None
    slot_ms: int | None = None
    usd: float | None = None
    peak_mb: float | None = None
    command: str | None = None
    basis: str | None = None
    estimated_seconds_low: float | None = None
    estimated_seconds: float | None = None
    estimated_seconds_high: float | None = None
    estimated_mb_low: float | None = None
    estimated_mb: float | None = None
    estimated_mb_high: float | None = None
    step_seconds: float | None = None
    runs: int | None = None
    partitions_planned: int | None = None
    partitions_done: int | None = None
    rows_planned: int | None = None
    rows_done: int | None = None
    bytes_planned: int | None = None
    bytes_done: int | None = None
    run_id: str | None = None
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts the attempts of one data set and month, the newest last."""
        return self.sequence or 0, self.started_at, self.attempt_id


#: The step of the row that each command writes.
COMMAND = "backfill"
#: Steps that look at all months at once: the month of their rows is a label, and the newest row
#: counts whatever its month.
OVER_ALL_MONTHS = ("history", "copy")
_TEXTS = {
    "started_at": "TIMESTAMPTZ",
    "finished_at": "TIMESTAMPTZ",
    "month": "DATE",
    "reasons": "MAP(VARCHAR, BIGINT)",
    "unknown_columns": "VARCHAR[]",
    "without_rows": "VARCHAR[]",
}
_NUMBERS = {int: "BIGINT", float: "DOUBLE"}


def ledger_columns() -> dict[str, str]:
    """Name and DuckDB type of every column of `ops.load_ledger`, in the order of `LedgerRow`."""
    hints = get_type_hints(LedgerRow)
    return {f.name: _TEXTS.get(f.name) or _number(hints[f.name]) for f in fields(LedgerRow)}


def _number(hint: object) -> str:
    """The DuckDB type of a field's annotation: a number's, or else a text's."""
    kinds = get_args(hint) or (hint,)
    return next((name for kind, name in _NUMBERS.items() if kind in kinds), "VARCHAR")


class Ledger:
    """The ledger of one lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def begin(
        self,
        dataset: str,
        step: str,
        month: date,
        run_id: str | None = None,
        started: datetime | None = None,
    ) -> LedgerRow:
        """Write down that a load starts.

        Args:
            dataset: e.g. `cosmetics.events`.
            step: the layer that is loaded: `files` or `lake`.
            month: the partition.
            run_id: Dagster's run, where there is one.
            started: when it started, in UTC, if not now.
        """
        row = LedgerRow(
            sequence=1 + _last_sequence(self._lake.keys_below(_folder(dataset, month))),
            attempt_id=uuid.uuid4().hex,
            dataset=dataset,
            step=step,
            month=f"{month:%Y-%m-%d}",
            status="running",
            started_at=_text(started or datetime.now(UTC)),
            run_id=run_id,
        )
        self._write(row)
        return row

    def finish(self, row: LedgerRow, status: Status, reason: str | None = None) -> None:
        """Write down how the load ended.

        Args:
            row: what `begin` gave, with the figures filled in.
            status: `loaded`, `unchanged` or `failed`.
            reason: for a failure, the text that the user saw.
        """
        row.status, row.reason = status, reason
        row.finished_at = _text(datetime.now(UTC))
        started = datetime.fromisoformat(row.started_at)
        seconds = time.time() - started.timestamp()
        row.seconds = round(seconds / (row.months_in_call or 1), 3)
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
        watch = MemoryWatch()
        try:
            with watch:
                yield row
        except BaseException as error:
            row.peak_mb = round(watch.peak_mb, 1)
            self.finish(row, "failed", str(error).strip()[:2000] or type(error).__name__)
            raise
        row.peak_mb = round(watch.peak_mb, 1)
        self.finish(row, "loaded" if row.status == "running" else row.status, row.reason)

    def rows(self, dataset: str | None = None, month: date | None = None) -> list[LedgerRow]:
        """The attempts, oldest first; a `running` one whose process is gone is `interrupted`.

        Those of one data set and month come in their sequence, whatever the clock said.

        Args:
            dataset: only this data set.
            month: only this month.
        """
        folder = f"{FOLDER}/{dataset}" if dataset else FOLDER
        keys = self._lake.keys_below(folder)
        if month:
            keys = [key for key in keys if f"/{month_folder(month)}/" in key]
        known = {each.name for each in fields(LedgerRow)}
        documents = [json.loads(row) for row in self._lake.read_many(keys)]
        found = _in_order(
            LedgerRow(**{name: value for name, value in each.items() if name in known})
            for each in documents
        )
        last = {what_it_makes(row): row.attempt_id for row in found}
        for row in found:
            if row.status == "running" and (
                last[what_it_makes(row)] != row.attempt_id
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
        """The newest attempts that failed or were interrupted and were not made good since.

        Without commands: what failed of them has rows of its own.
        """
        return newest_failures(self.rows())

    def _write(self, row: LedgerRow) -> None:
        # The sequence comes first: the next attempt finds the highest without reading anything.
        name = f"{row.sequence:0{DIGITS}d}-{row.started_at[:19].replace(':', '')}"
        folder = _folder(row.dataset, date.fromisoformat(row.month))
        self._lake.publish_json(asdict(row), f"{folder}/{name}-{row.attempt_id}.json")


def _folder(dataset: str, month: date) -> str:
    return f"{FOLDER}/{dataset}/{month_folder(month)}"


def _last_sequence(keys: list[str]) -> int:
    """The highest sequence in the names of a month's attempts; 0 where none has one."""
    names = (key.rpartition("/")[2].partition("-")[0] for key in keys)
    return max((int(name) for name in names if len(name) == DIGITS and name.isdigit()), default=0)


def _in_order(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """All attempts by their time, those of one data set and month by their sequence.

    An attempt that claims to be later than its successor counts as of its successor's time.
    """
    groups: dict[tuple[str, str], list[LedgerRow]] = {}
    for row in rows:
        groups.setdefault((row.dataset, row.month), []).append(row)
    timed: list[tuple[str, tuple[int, str, str], LedgerRow]] = []
    for group in groups.values():
        at = "~"  # later than every time
        for row in sorted(group, key=lambda row: row.order, reverse=True):
            at = min(at, row.started_at)
            timed.append((at, row.order, row))
    return [row for *_, row in sorted(timed, key=lambda each: each[:2])]


def what_it_makes(row: LedgerRow) -> tuple[str, str, str]:
    """Data set, step and month: what a newer attempt at the same makes good."""
    return row.dataset, row.step, "" if row.step in OVER_ALL_MONTHS else row.month


def newest_failures(rows: Collection[LedgerRow]) -> list[LedgerRow]:
    """The attempts that failed or were interrupted and that no newer one made good.

    Without commands: what failed of them has rows of its own.

    Args:
        rows: oldest first.
    """
    newest = {what_it_makes(row): row for row in rows if row.step != COMMAND}
    return [row for row in newest.values() if row.status in ("failed", "interrupted")]


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
