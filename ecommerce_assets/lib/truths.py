"""The truth ledger, `ops.truths`: figures that others published or planted, and ours beside them.

Belongs here: what a truth is, how it is judged, and where the verdicts lie. Stays out: the figures
and the SQL that finds ours (`domains/<domain>/truths/`). A scope, a month or a whole data set, is
measured again only when something that it is made from has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from ecommerce_assets.lib.lake import Lake

Status = Literal["matches", "differs", "not applicable"]
FOLDER = "ops/truths"


@dataclass(frozen=True)
class Truth:
    """A figure that ours must meet.

    Attributes:
        dataset: whose figure it is, e.g. the Kaggle data set's name.
        metric: its short name.
        first: first month that it speaks of.
        last: last month that it speaks of.
        needs_from: first month that must be loaded; earlier than `first` for figures that look
            back, such as new users.
        definition: what is counted, in words.
        expected: the figure; instants are seconds since 1970 (UTC).
        tolerance: how far ours may lie from it; 0 where it is exact.
        source: who says so.
        measure: the SQL file that finds ours, without its ending.
        column: the column of that query.
        arguments: values for the query beside the months.
    """

    dataset: str
    metric: str
    first: date
    last: date
    needs_from: date
    definition: str
    expected: Decimal
    tolerance: Decimal
    source: str
    measure: str
    column: str
    arguments: tuple[Any, ...] = ()

    @property
    def scope(self) -> str:
        """The months that it speaks of, e.g. `2019-10` or `2019-10:2020-02`."""
        if self.first == self.last:
            return f"{self.first:%Y-%m}"
        return f"{self.first:%Y-%m}:{self.last:%Y-%m}"


@dataclass(frozen=True)
class Verdict:
    """A truth beside our figure: one row of `ops.truths`.

    `found` is None and `reason` says why where the truth does not apply to what is loaded.
    """

    dataset: str
    metric: str
    scope: str
    definition: str
    source: str
    expected: str
    tolerance: str
    found: str | None
    status: Status
    reason: str | None
    made_from: str
    checked_at: str


#: Name and DuckDB type of every column of `ops.truths`.
COLUMNS = dict.fromkeys(Verdict.__dataclass_fields__, "VARCHAR") | {
    "expected": "DECIMAL(38, 6)",
    "tolerance": "DECIMAL(38, 6)",
    "found": "DECIMAL(38, 6)",
    "checked_at": "TIMESTAMPTZ",
}

#: Gives our figures by column for a measure, its first and last month and its arguments.
Measure = Callable[[str, date, date, tuple[Any, ...]], dict[str, Any]]


def judge(truth: Truth, found: Any, made_from: str) -> Verdict:
    """Compare our figure with a truth; no figure at all differs from every truth."""
    number = as_number(found)
    matches = number is not None and abs(number - truth.expected) <= truth.tolerance
    reason = None if matches else f"expected {truth.expected:,}, found {_shown(number)}"
    return _verdict(truth, number, "matches" if matches else "differs", reason, made_from)


def not_applicable(truth: Truth, reason: str, made_from: str) -> Verdict:
    """A truth that speaks of rows that are not loaded."""
    return _verdict(truth, None, "not applicable", reason, made_from)


def check_truths(
    truths: Sequence[Truth],
    reason_against: Callable[[Truth], str | None],
    made_from: Callable[[Truth], str],
    measure: Measure,
    known: Iterable[Verdict] = (),
) -> list[Verdict]:
    """Judge every truth, measuring only what changed since the known verdicts.

    Args:
        truths: the figures.
        reason_against: why a truth does not apply to what is loaded; None where it does.
        made_from: a fingerprint of everything that our figure is made from.
        measure: finds ours.
        known: earlier verdicts.
    """
    before = {(v.dataset, v.metric, v.scope): v for v in known}
    figures: dict[tuple[Any, ...], dict[str, Any]] = {}
    verdicts = []
    for truth in truths:
        fingerprint = made_from(truth)
        reason = reason_against(truth)
        old = before.get((truth.dataset, truth.metric, truth.scope))
        if reason:
            verdicts.append(not_applicable(truth, reason, fingerprint))
        elif old and _still_holds(old, truth, fingerprint):
            verdicts.append(old)
        else:
            key = (truth.measure, truth.first, truth.last, truth.arguments)
            if key not in figures:
                figures[key] = measure(*key)
            verdicts.append(judge(truth, figures[key].get(truth.column), fingerprint))
    return verdicts


def publish_verdicts(lake: Lake, dataset: str, verdicts: Sequence[Verdict]) -> None:
    """Replace the verdicts on a table, e.g. `cosmetics.events`, in one step."""
    lines = "".join(json.dumps(asdict(verdict)) + "\n" for verdict in verdicts)
    with lake.staging() as folder:
        path = folder / "truths.json"
        path.write_text(lines, encoding="utf-8")
        lake.publish(path, verdicts_key(dataset))


def read_verdicts(lake: Lake, dataset: str) -> list[Verdict]:
    """The verdicts on a table as they were last published; none before the first time."""
    if not lake.exists(verdicts_key(dataset)):
        return []
    lines = lake.read_bytes(verdicts_key(dataset)).decode().splitlines()
    # What a later version wrote beside these is passed over.
    known = Verdict.__dataclass_fields__.keys()
    return [Verdict(**{k: v for k, v in json.loads(line).items() if k in known}) for line in lines]


def verdicts_key(dataset: str) -> str:
    """Where the verdicts on a table lie in the lake."""
    return f"{FOLDER}/{dataset}/truths.json"


def as_number(value: Any) -> Decimal | None:
    """A query's value as a number; an instant as seconds since 1970."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return Decimal(int(value.timestamp()))
    return round(Decimal(str(value)), 6)


def _still_holds(old: Verdict, truth: Truth, fingerprint: str) -> bool:
    same = (old.expected, old.tolerance) == (str(truth.expected), str(truth.tolerance))
    return same and old.status != "not applicable" and old.made_from == fingerprint


def _verdict(
    truth: Truth, found: Decimal | None, status: Status, reason: str | None, made_from: str
) -> Verdict:
    return Verdict(
        dataset=truth.dataset,
        metric=truth.metric,
        scope=truth.scope,
        definition=truth.definition,
        source=truth.source,
        expected=str(truth.expected),
        tolerance=str(truth.tolerance),
        found=None if found is None else str(found),
        status=status,
        reason=reason,
        made_from=made_from,
        checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _shown(number: Decimal | None) -> str:
    return "nothing" if number is None else f"{number.normalize():,f}"
