"""A row of the ledger: its columns, their types in the warehouse, and reading it back.

Belongs here: what a row is. Stays out: when rows are written (`ledger.py`), and where they lie
(`ledger_objects.py`).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ecommerce_assets.lib.lake.slices import KINDS, Key, Month, parse_key
from ecommerce_assets.lib.processes import own_process

Status = Literal["running", "loaded", "unchanged", "failed", "interrupted"]


@dataclass
class LedgerRow:
    """One attempted load, or one command (step `backfill`). Times are UTC.

    `rows_received = rows_accepted + rows_quarantined + blank_lines` in every row of the steps
    `lake` and `replay` that is `loaded`. Columns that a step does not know are null; an object
    that was written before a column was there reads as null, too, and what a later version wrote
    beside these is passed over.

    Attributes:
        month: first day of the slice's month; null where the slice is not a month.
        slice_kind: `month`, `batch` or `offsets`; rows of earlier versions, which do not say it,
            are of months.
        slice_key: text of the slice's key, which `slices.parse_key` reads back.
        sequence: place among the attempts of the same data set and slice, counted from 1. It says
            which attempt is the newest: a clock may have been wrong once. Null in rows that were
            written before there was one; they come first.
        warehouse: identity of the warehouse that a step of models wrote, with its `generation`
            then; see `lib/warehouse/builds.py`.
        null_words: rows by `column:word` in which a word for "not known" became null.
        change: what a load changed of its month, a `changes.Kind`; with it go `rows_added`,
            `rows_removed` and `rows_altered`. An `unchanged` row repeats those of the load that it
            found published. A row of models is
            `columns` where all months were built into new tables, because a release changed theirs.
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
        process: the process that made the attempt, which its number alone does not name for ever:
            see `processes.own_process`.
    """

    attempt_id: str
    dataset: str
    step: str
    month: str | None
    status: Status
    started_at: str
    slice_kind: str = Month.kind
    slice_key: str = ""
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
    null_words: dict[str, int] = field(default_factory=dict)
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
    process: str | None = field(default_factory=own_process)

    def __post_init__(self) -> None:
        if not self.slice_key and self.month:  # written before there were other slices
            self.slice_key = self.month

    @property
    def order(self) -> tuple[int, str, str]:
        """Sorts the attempts of one data set and slice, the newest last."""
        return self.sequence or 0, self.started_at, self.attempt_id

    @property
    def key(self) -> Key:
        """The slice's key."""
        return parse_key(self.slice_kind, self.slice_key)

    @property
    def first_day(self) -> date:
        """The first day of its month.

        Raises:
            TypeError: its slice is not a month.
        """
        if not isinstance(self.key, Month):
            raise TypeError(f"{self.dataset} {self.key.words} is not a month")
        return self.key.first

    def is_outside(self, months: Collection[date]) -> bool:
        """Whether it is of a month that is not one of these."""
        return isinstance(self.key, Month) and self.key.first not in months


_TEXTS = {
    "started_at": "TIMESTAMPTZ",
    "finished_at": "TIMESTAMPTZ",
    "month": "DATE",
    "reasons": "MAP(VARCHAR, BIGINT)",
    "null_words": "MAP(VARCHAR, BIGINT)",
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


def each_attempt_once(source: str) -> str:
    """The SELECT of the rows among all lines of the ledger's objects, in every warehouse's dialect.

    What is not a row is passed over: the commands name it. A row may lie there twice for a moment
    while it is merged (`ledger_objects.py`).

    Args:
        source: the lines, with the columns of `ledger_columns`, as it stands behind `from`.
    """
    kind = f"coalesce(slice_kind, '{Month.kind}')"
    key = "coalesce(slice_key, cast(month as string))"
    required = " and ".join(f"{name} is not null" for name in (*_REQUIRED, key))
    return (
        f"select * replace ({kind} as slice_kind, {key} as slice_key) from {source} "
        f"where {required} qualify row_number() over (partition by attempt_id order by "
        "case when status in ('running', 'interrupted') then 1 else 0 end, finished_at) = 1"
    )


#: Without these, and the key of its slice, a document is not a row. Who wrote it may be unknown.
_REQUIRED = ("attempt_id", "dataset", "step", "status", "started_at")
_UNKNOWN_WRITER = {"host": "", "pid": 0, "process": None}


def _kinds() -> dict[str, tuple[type, ...]]:
    """The Python types that each column's JSON value may have."""
    kinds = {}
    for name, hint in get_type_hints(LedgerRow).items():
        choices = get_args(hint) if get_origin(hint) not in (dict, list, Literal) else (hint,)
        bare = {get_origin(each) or each for each in choices or (hint,)}
        bare = {str if each is Literal else each for each in bare}
        kinds[name] = tuple(bare | ({int} if float in bare else set()))
    return kinds


_KINDS = _kinds()


def row_of(document: dict[str, Any]) -> LedgerRow:
    """The row that a document is. Columns that a later release added are left out.

    Raises:
        ValueError, TypeError, KeyError: it is not a row; the message says why.
    """
    for name in _REQUIRED:
        if document.get(name) is None:
            raise KeyError(f"it has no {name}")
    known = {name: value for name, value in document.items() if name in _KINDS}
    for name, value in known.items():
        if not isinstance(value, _KINDS[name]):
            raise TypeError(f"its {name} is {value!r:.60}")
    for name in ("started_at", "finished_at"):
        text = known.get(name)
        try:
            read = datetime.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"its {name} is {text!r:.60}") from None
        if read and read.tzinfo is None:
            raise ValueError(f"its {name} has no time zone")
    values: dict[str, Any] = {"month": None} | _UNKNOWN_WRITER | known
    row = LedgerRow(**values)
    if not row.slice_key:
        raise KeyError("it has no month")
    try:
        parse_key(row.slice_kind, row.slice_key)
    except ValueError:
        name = row.slice_kind if row.slice_kind in KINDS else "slice"
        raise ValueError(f"its {name} is {row.slice_key!r:.60}") from None
    return row
