"""The ledger: one row per attempted load of a slice and per command, `ops.load_ledger`.

Belongs here: writing an attempt's beginning and end, and reading them back. Stays out: deciding
what to load (`planning/plan.py`), estimating from it (`planning/cost.py`). Each attempt is one
small JSON object in the lake that is replaced when the attempt ends: no lock is shared with the
warehouse, and an attempt that was killed still shows. Objects of attempts that have ended are
merged (`ledger_objects.py`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger_objects import FOLDER, LedgerObjects, Unreadable
from ecommerce_assets.lib.lake.ledger_row import (
    LedgerRow,
    Status,
    each_attempt_once,
    ledger_columns,
)
from ecommerce_assets.lib.lake.slices import Key, Month
from ecommerce_assets.lib.memory import MemoryWatch
from ecommerce_assets.lib.processes import Life, life_of

__all__ = [
    "BAD",
    "COMMAND",
    "FOLDER",
    "LAYERS",
    "Ledger",
    "LedgerRow",
    "Status",
    "Unreadable",
    "each_attempt_once",
    "ledger_columns",
]

#: The step of the row that each command writes.
COMMAND = "backfill"
#: The steps of a load, in their order; each is a layer of the asset graph.
LAYERS = ("files", "lake", "raw")
#: Statuses of an attempt that did not reach its end.
BAD = ("failed", "interrupted")
#: Steps that look at all months at once: the month of their rows is a label, and the newest row
#: counts whatever its month.
OVER_ALL_MONTHS = ("history", "copy")
#: Digits of the sequence in an object's name; a time of earlier versions has a `-` before.
DIGITS = 8
#: An attempt of another machine that is open for so long was interrupted: none takes a week.
LONGEST_ATTEMPT = timedelta(days=7)


class Ledger:
    """The ledger of one lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def begin(
        self,
        dataset: str,
        step: str,
        key: Key,
        run_id: str | None = None,
        started: datetime | None = None,
    ) -> LedgerRow:
        """Write down that a load starts.

        Args:
            dataset: `<domain>.<table>`.
            step: the layer that is loaded: `files` or `lake`.
            key: of the slice; of a command, or of a step over all months, a month as a label.
            run_id: Dagster's run, where there is one.
            started: when it started, in UTC, if not now.
        """
        row = LedgerRow(
            sequence=1 + _last_sequence(self._lake.keys_below(_folder(dataset, key))),
            attempt_id=uuid.uuid4().hex,
            dataset=dataset,
            step=step,
            month=key.text if isinstance(key, Month) else None,
            slice_kind=key.kind,
            slice_key=key.text,
            status="running",
            started_at=_text(started or datetime.now(UTC)),
            run_id=run_id,
        )
        self._write(row)
        return row

    def note(self, row: LedgerRow) -> None:
        """Write down what is known of an attempt that goes on."""
        self._write(row)

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
        self, dataset: str, step: str, key: Key, run_id: str | None = None
    ) -> Iterator[LedgerRow]:
        """Write down a load that lasts as long as the block, whatever ends it.

        The block fills in the row; it ends as `loaded` unless the block sets another status, and
        as `failed` with the exception's text when one leaves the block, or as `interrupted`.
        """
        row = self.begin(dataset, step, key, run_id)
        watch = MemoryWatch()
        try:
            with watch:
                yield row
        except BaseException as error:
            row.peak_mb = round(watch.peak_mb, 1)
            self._fail(row, error)
            raise
        row.peak_mb = round(watch.peak_mb, 1)
        self.finish(row, "loaded" if row.status == "running" else row.status, row.reason)

    @contextmanager
    def failing(self, row: LedgerRow) -> Iterator[None]:
        """Write down that an attempt failed, or was interrupted, where its block raises."""
        try:
            yield
        except BaseException as error:
            self._fail(row, error)
            raise

    def _fail(self, row: LedgerRow, error: BaseException) -> None:
        # A signal is not an Exception, neither as Python raises it nor as Dagster does.
        status: Status = "failed" if isinstance(error, Exception) else "interrupted"
        said = str(error).strip()[:2000] or type(error).__name__
        self.finish(row, status, said if status == "failed" else "the process was told to end")

    def rows(self, dataset: str | None = None, key: Key | None = None) -> list[LedgerRow]:
        """The attempts, oldest first; a `running` one whose process is gone is `interrupted`.

        Rows are shared with later calls: change only what `begin` gave. Objects that are not rows
        are left out; `read` names them. Those of one data set and slice come in their sequence,
        whatever the clock said.

        Args:
            dataset: only this data set.
            key: only this slice.
        """
        return self.read(dataset, key)[0]

    def read(
        self, dataset: str | None = None, key: Key | None = None
    ) -> tuple[list[LedgerRow], list[Unreadable]]:
        """The attempts as `rows` gives them, and what is in their place and is not a row.

        Whoever shows the ledger says the latter, too.
        """
        within = f"/{key.note}/" if key else ""
        found, bad = LedgerObjects(self._lake).read(dataset, within)
        once: dict[str, LedgerRow] = {}
        for each in found:
            row = each.row
            if (dataset in (None, row.dataset)) and (key is None or key == row.key):
                before = once.get(row.attempt_id)
                if before is None or before.status in ("running", "interrupted"):
                    once[row.attempt_id] = row
        return _with_interrupted(list(once.values())), bad

    def merge(self) -> int:
        """Merge the objects of attempts that have ended, where there are many; returns how many.

        May be killed anywhere, and run by several processes at once.
        """
        return LedgerObjects(self._lake).merge(_closed)

    def latest(self, dataset: str, step: str) -> dict[Key, LedgerRow]:
        """The newest attempt of each slice of a data set's layer."""
        return {row.key: row for row in self.rows(dataset) if row.step == step}

    def latest_failures(self) -> list[LedgerRow]:
        """The newest attempts that failed or were interrupted and were not made good since.

        Without commands: what failed of them has rows of its own.
        """
        return newest_failures(self.rows())

    def _write(self, row: LedgerRow) -> None:
        # The sequence comes first: the next attempt finds the highest without reading anything.
        name = f"{row.sequence:0{DIGITS}d}-{row.started_at[:19].replace(':', '')}"
        folder = _folder(row.dataset, row.key)
        self._lake.publish_json(asdict(row), f"{folder}/{name}-{row.attempt_id}.json")


def _folder(dataset: str, key: Key) -> str:
    return f"{FOLDER}/{dataset}/{key.note}"


def _last_sequence(keys: list[str]) -> int:
    """The highest sequence in the names of a slice's attempts; 0 where none has one."""
    names = (key.rpartition("/")[2].partition("-")[0] for key in keys)
    return max((int(name) for name in names if len(name) == DIGITS and name.isdigit()), default=0)


def _in_order(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """All attempts by their time, those of one data set and slice by their sequence.

    An attempt that claims to be later than its successor counts as of its successor's time.
    """
    groups: dict[tuple[str, str, str], list[LedgerRow]] = {}
    for row in rows:
        groups.setdefault((row.dataset, row.slice_kind, row.slice_key), []).append(row)
    timed: list[tuple[str, tuple[int, str, str], LedgerRow]] = []
    for group in groups.values():
        at = "~"  # later than every time
        for row in sorted(group, key=lambda row: row.order, reverse=True):
            at = min(at, row.started_at)
            timed.append((at, row.order, row))
    return [row for *_, row in sorted(timed, key=lambda each: each[:2])]


def what_it_makes(row: LedgerRow) -> tuple[str, str, str]:
    """Data set, step and slice: what a newer attempt at the same makes good."""
    return row.dataset, row.step, "" if row.step in OVER_ALL_MONTHS else row.slice_key


def newest_failures(rows: Collection[LedgerRow]) -> list[LedgerRow]:
    """The attempts that failed or were interrupted and that no newer one made good.

    Without commands: what failed of them has rows of its own.

    Args:
        rows: oldest first.
    """
    newest = {what_it_makes(row): row for row in rows if row.step != COMMAND}
    return [row for row in newest.values() if row.status in BAD and not _loaded_since(newest, row)]


def _loaded_since(newest: Mapping[tuple[str, str, str], LedgerRow], row: LedgerRow) -> bool:
    """Whether a replay that did not reach its end was made good by a load of the whole slice."""
    load = newest.get(what_it_makes(replace(row, step="lake")))
    if row.step != "replay" or load is None:
        return False
    return load.status in ("loaded", "unchanged") and load.order > row.order


def _with_interrupted(rows: list[LedgerRow]) -> list[LedgerRow]:
    """The rows in order; those that nobody will end any more are `interrupted`."""
    rows = _in_order(rows)
    last = {what_it_makes(row): row.attempt_id for row in rows}
    for at, row in enumerate(rows):
        if row.status == "running" and (last[what_it_makes(row)] != row.attempt_id or _left(row)):
            rows[at] = replace(row, status="interrupted")
    return rows


def _closed(rows: list[LedgerRow]) -> Iterator[LedgerRow]:
    """Of rows as they were written, those that nobody will write any more.

    The newest of each data set and slice stays: its name says where the sequence goes on.
    """
    newest: dict[tuple[str, str, str], LedgerRow] = {}
    for row in sorted(rows, key=lambda row: row.order):
        newest[row.dataset, row.slice_kind, row.slice_key] = row
    long_ago = _text(datetime.now(UTC) - LONGEST_ATTEMPT)
    for row in rows:
        if row is newest[row.dataset, row.slice_kind, row.slice_key]:
            continue
        if row.status != "running":
            yield row
        elif _left(row) or row.started_at < long_ago:
            yield replace(row, status="interrupted")


def _left(row: LedgerRow) -> bool:
    """Whether the process of an attempt is known to be gone."""
    return life_of(row.process or f"{row.host}:{row.pid}") is Life.GONE


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
