"""The truth ledger, `ops.truths`: figures that others published or planted, and ours beside them.

Belongs here: what a truth is, how it is judged, and where the verdicts lie. Stays out: the figures
and the SQL that finds ours (`domains/<domain>/truths/`), what is loaded now
(`planning/verdicts.py`). A scope, a month or a whole data set, is measured again only when
something that it is made from has changed. A verdict keeps what it judged, so that one that speaks
of older rows can be told from one that holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from ecommerce_assets.lib.lake.lake import Lake

Status = Literal["matches", "differs", "stale", "not judged", "not applicable"]
#: Of verdicts that were measured, and of what they looked at when they were.
MEASURED: tuple[Status, ...] = ("matches", "differs")
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
        alone: whether ours stands in a table over all loaded months, so that it is theirs only
            where no other month is loaded.
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
    alone: bool = False

    @property
    def scope(self) -> str:
        """The months that it speaks of, e.g. `2019-10` or `2019-10:2020-02`."""
        if self.first == self.last:
            return f"{self.first:%Y-%m}"
        return f"{self.first:%Y-%m}:{self.last:%Y-%m}"


@dataclass(frozen=True)
class Verdict:
    """A truth beside our figure: one row of `ops.truths`.

    Attributes:
        found: ours; None where the truth does not apply to what is loaded, or was not measured.
        status: `stale` where it was measured and its rows or models have changed since, `not
            judged` where it applies and could not be measured.
        reason: why it does not match.
        made_from: a fingerprint of everything that our figure is made from.
        checked_at: when it was judged, UTC.
        judged: the content of each month that was judged, as `2019-10=1f2e… 2019-11=…`.
        project: the models that made our figure.
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
    judged: str = ""
    project: str = ""


@dataclass(frozen=True)
class Versions:
    """What a figure is made from.

    Attributes:
        fingerprint: names all of it at once.
        judged: the content of each month, as `Verdict.judged` has it.
        project: the models.
    """

    fingerprint: str
    judged: str = ""
    project: str = ""


#: Name and DuckDB type of every column of `ops.truths`.
COLUMNS = dict.fromkeys(Verdict.__dataclass_fields__, "VARCHAR") | {
    "expected": "DECIMAL(38, 6)",
    "tolerance": "DECIMAL(38, 6)",
    "found": "DECIMAL(38, 6)",
    "checked_at": "TIMESTAMPTZ",
}

#: Gives our figures by column for a measure, its first and last month and its arguments.
Measure = Callable[[str, date, date, tuple[Any, ...]], dict[str, Any]]


def judge(truth: Truth, found: Any, versions: Versions) -> Verdict:
    """Compare our figure with a truth; no figure at all differs from every truth."""
    number = as_number(found)
    matches = number is not None and abs(number - truth.expected) <= truth.tolerance
    reason = None if matches else f"expected {truth.expected:,}, found {_shown(number)}"
    return _verdict(truth, number, "matches" if matches else "differs", reason, versions)


def not_applicable(truth: Truth, reason: str) -> Verdict:
    """A truth that speaks of rows that are not loaded."""
    return _verdict(truth, None, "not applicable", reason, Versions(""))


def not_judged(truth: Truth, reason: str) -> Verdict:
    """A truth that speaks of what is loaded, and that nothing could be compared with."""
    return _verdict(truth, None, "not judged", reason, Versions(""))


def as_stale(verdict: Verdict, why: str) -> Verdict:
    """A verdict whose rows or models have changed since it was judged; it keeps its time."""
    if verdict.status == "stale":
        told = (verdict.reason or "").partition("; ")[0]
    elif verdict.status in MEASURED:
        told = f"{verdict.status} when it was judged at {verdict.checked_at[:16]}Z"
    else:
        return verdict
    return replace(verdict, status="stale", reason=f"{told}; {why}")


def unmeasured(truth: Truth, old: Verdict | None, why: str) -> Verdict:
    """What is said of a figure that is not measured now: what it was before, called stale."""
    if old is None or old.status in ("not applicable", "not judged"):
        return not_judged(truth, why)
    return as_stale(old, why)


def check_truths(
    truths: Sequence[Truth],
    reason_against: Callable[[Truth], str | None],
    why_not_now: Callable[[Truth], str | None],
    versions_of: Callable[[Truth], Versions],
    measure: Measure,
    known: Iterable[Verdict] = (),
) -> list[Verdict]:
    """Judge every truth, measuring only what changed since the known verdicts.

    Args:
        truths: the figures.
        reason_against: why a truth does not apply to what is loaded; None where it does.
        why_not_now: why our figure cannot be measured as things are; None where it can.
        versions_of: everything that our figure is made from.
        measure: finds ours.
        known: earlier verdicts.
    """
    before = {key_of(verdict): verdict for verdict in known}
    figures: dict[tuple[Any, ...], dict[str, Any]] = {}
    verdicts = []
    for truth in truths:
        reason, hindrance = reason_against(truth), why_not_now(truth)
        versions, old = versions_of(truth), before.get(key_of(truth))
        if reason:
            verdicts.append(not_applicable(truth, reason))
        elif hindrance:
            verdicts.append(unmeasured(truth, old, hindrance))
        elif old and still_holds(old, truth, versions):
            verdicts.append(old)
        else:
            key = (truth.measure, truth.first, truth.last, truth.arguments)
            if key not in figures:
                figures[key] = measure(*key)
            verdicts.append(judge(truth, figures[key].get(truth.column), versions))
    return verdicts


def publish_verdicts(lake: Lake, dataset: str, verdicts: Sequence[Verdict]) -> None:
    """Replace the verdicts on a data set, `<domain>.<table>`, in one step."""
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


def key_of(figure: Truth | Verdict) -> tuple[str, str, str]:
    """Tells the figures of a table apart."""
    return figure.dataset, figure.metric, figure.scope


def still_holds(old: Verdict, truth: Truth, versions: Versions) -> bool:
    """Whether a verdict was measured, of this very figure, on what is there now."""
    same = (old.expected, old.tolerance) == (str(truth.expected), str(truth.tolerance))
    return same and old.status in MEASURED and old.made_from == versions.fingerprint


def _verdict(
    truth: Truth, found: Decimal | None, status: Status, reason: str | None, versions: Versions
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
        made_from=versions.fingerprint,
        checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
        judged=versions.judged,
        project=versions.project,
    )


def _shown(number: Decimal | None) -> str:
    return "nothing" if number is None else f"{number.normalize():,f}"
