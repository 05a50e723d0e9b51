"""What work costs: time and memory of a backfill, estimated from what earlier ones took.

Belongs here: the fit of one step's cost to its size, the sum over steps, the interval. Pure
functions of numbers. Stays out: reading the ledger (`cost_history.py`), and what is to be done
(`plan.py`).

A step costs a fixed part and a part per unit of its size. Both are fitted to this machine's own
history where that spans different sizes; where it does not, the shipped figures are scaled to it;
without any history they stand as they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from statistics import median

#: Newest points of a step that count: models grow, and machines change.
NEWEST = 20
#: Fewest points, and the least ratio of the largest to the smallest size, that a fit is made of.
FIT_POINTS, FIT_SPREAD = 3, 2.0
#: Beyond this multiple of the largest size that was seen a fit is not trusted with its slope: a
#: hundredth of a second's noise between two small months would be minutes in a large one.
FIT_REACH = 4.0
#: Of so many commands one is to lie below the interval and one above: four of five inside.
ONE_OUT_OF = 10
#: Fewest earlier commands whose errors make the interval, since fewer could not be expected to
#: span four of five; with fewer it is declared.
INTERVAL_POINTS = ONE_OUT_OF - 1
#: A size beyond this multiple of the largest one seen is unlike what earlier errors tell of: then
#: the interval is declared, too.
LIKE_BEFORE = 2.0
#: Declared intervals as factors of the middle: without history, and with little.
SHIPPED_FACTOR, EARLY_FACTOR = 3.0, 2.0
#: What a basis says where figures are not this machine's own.
SHIPPED_WORDS = "shipped defaults"


@dataclass(frozen=True)
class Point:
    """What a step of some size took."""

    size: float
    value: float


@dataclass(frozen=True)
class Line:
    """Cost by size: `fixed + per_unit * size`, from `bend` on with another slope.

    Attributes:
        points: how many measurements it rests on; 0 for shipped figures.
        largest: the largest size among them.
        bend: size from which `beyond` is the slope: where a fit ends, or memory meets its limit.
    """

    fixed: float
    per_unit: float
    points: int = 0
    bend: float = math.inf
    beyond: float = 0.0
    largest: float = 0.0

    def at(self, size: float) -> float:
        """The cost of that size; never negative, never smaller for a larger size."""
        inside = min(size, self.bend)
        rest = (size - inside) * self.beyond if size > inside else 0.0
        return self.fixed + self.per_unit * inside + rest


@dataclass(frozen=True)
class Interval:
    """A figure and the bounds between which it is expected."""

    low: float
    mid: float
    high: float


@dataclass(frozen=True)
class Shipped:
    """The figures that are shipped with the software, measured as their file says.

    Attributes:
        seconds: of each step.
        megabytes: peak memory of each step.
        batch_rows: rows whose models cost as much as the fixed part of one more month in a call.
        bytes_per_row: of a source file, by its ending.
        rows_per_month: of a month of which nothing at all is known.
        warehouse_bytes_per_row: of a warehouse that is not there yet, by row of the raw tables.
    """

    seconds: Mapping[str, Line]
    megabytes: Mapping[str, Line]
    batch_rows: float
    bytes_per_row: Mapping[str, float]
    rows_per_month: int
    warehouse_bytes_per_row: float


@dataclass(frozen=True)
class History:
    """What this machine's ledger knows.

    Attributes:
        seconds: measurements of each step, oldest first.
        megabytes: the same of peak memory.
        errors: actual by estimated seconds of earlier commands that were estimated from history.
        memory_errors: the same of peak memory.
    """

    seconds: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    megabytes: Mapping[str, Sequence[Point]] = field(default_factory=dict)
    errors: Sequence[float] = ()
    memory_errors: Sequence[float] = ()


@dataclass(frozen=True)
class Work:
    """What is to be done, as sizes by step: a step that is done twice has two.

    Attributes:
        sizes: what time goes with.
        memory: what peak memory goes with.
    """

    sizes: Mapping[str, Sequence[float]]
    memory: Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Estimate:
    """Time and memory of some work.

    Attributes:
        seconds: of all of it.
        megabytes: the largest of its steps.
        by_step: seconds of each step.
        from_history: whether any figure comes from this machine.
        basis: what it rests on, in words.
    """

    seconds: Interval
    megabytes: Interval
    by_step: Mapping[str, float]
    from_history: bool
    basis: str


def fit(points: Sequence[Point], shipped: Line) -> Line:
    """A step's cost by size, from its measurements and the shipped figures.

    With measurements of different sizes it is the line through them by weighted Theil-Sen: the
    median of the slopes of all pairs, each weighing as much as its sizes differ. A few wild
    measurements do not move it, and points on a line give that line.

    Args:
        points: oldest first; only the newest count.
        shipped: stands in where there are none, and is scaled where they are too alike.
    """
    newest = [p for p in points if p.value > 0 and p.size >= 0][-NEWEST:]
    if not newest:
        return shipped
    speed = median(p.value / shipped.at(p.size) for p in newest)
    sizes = {p.size for p in newest}
    largest = max(sizes)
    if len(sizes) < FIT_POINTS or largest < FIT_SPREAD * min(sizes):
        return replace(
            shipped,
            fixed=shipped.fixed * speed,
            per_unit=shipped.per_unit * speed,
            beyond=shipped.beyond * speed,
            points=len(newest),
            largest=largest,
        )
    pairs = [(a, b) for a, b in combinations(newest, 2) if a.size != b.size]
    slopes = [((b.value - a.value) / (b.size - a.size), abs(b.size - a.size)) for a, b in pairs]
    slope = max(_weighted_median(slopes), 0.0)
    fixed = median(p.value - slope * p.size for p in newest)
    if fixed < 0:
        fixed, slope = 0.0, median(p.value / p.size for p in newest if p.size)
    reach = FIT_REACH * largest
    beyond = (shipped.at(FIT_REACH * reach) - shipped.at(reach)) / ((FIT_REACH - 1) * reach)
    return Line(fixed, slope, len(newest), reach, beyond * speed, largest)


def estimate(work: Work, history: History, shipped: Shipped) -> Estimate:
    """Time and peak memory of some work.

    Args:
        work: sizes by step; the steps of `shipped.seconds`.
        history: this machine's.
        shipped: for steps without history.
    """
    lines = {step: fit(history.seconds.get(step, ()), shipped.seconds[step]) for step in work.sizes}
    memory = {
        step: fit(history.megabytes.get(step, ()), shipped.megabytes[step]) for step in work.memory
    }
    by_step = {step: sum(map(lines[step].at, sizes)) for step, sizes in work.sizes.items()}
    peaks = [line.at(size) for step, line in memory.items() for size in work.memory[step]]
    used = [lines[step] for step, sizes in work.sizes.items() if sizes]
    from_history = bool(used) and all(line.points for line in used)
    like_before = all(
        size <= LIKE_BEFORE * lines[step].largest
        for step, sizes in work.sizes.items()
        for size in sizes
    )
    errors = (history.errors, history.memory_errors) if like_before else ((), ())
    seconds, how = interval(sum(by_step.values()), errors[0], from_history)
    megabytes, _ = interval(max(peaks, default=0.0), errors[1], from_history)
    if from_history and not like_before:
        how += f", for sizes beyond {LIKE_BEFORE:g} times those seen"
    return Estimate(seconds, megabytes, by_step, from_history, f"{_words(used)}; {how}")


def interval(mid: float, errors: Sequence[float], from_history: bool) -> tuple[Interval, str]:
    """The bounds around an estimate, and what they rest on.

    From enough earlier errors they are the errors' own quantiles, taken so that a new one of the
    same kind lies between them with the probability named (split conformal prediction).

    Args:
        mid: the estimate.
        errors: actual by estimated figures of earlier commands, oldest first.
        from_history: whether the estimate rests on this machine's history.
    """
    newest = sorted(e for e in errors[-NEWEST:] if e > 0)
    if not from_history or len(newest) < INTERVAL_POINTS:
        factor = EARLY_FACTOR if from_history else SHIPPED_FACTOR
        return Interval(mid / factor, mid, mid * factor), f"interval declared, factor {factor:g}"
    count = len(newest)
    place = (count + 1) // ONE_OUT_OF
    low, high = min(newest[place - 1], 1.0), max(newest[-place], 1.0)
    expected = (count + 1 - 2 * place) / (count + 1)
    words = f"interval from the errors of {count} commands, {expected:.0%} expected inside"
    return Interval(mid * low, mid, mid * high), words


def _words(used: Sequence[Line]) -> str:
    points = [line.points for line in used if line.points]
    if not points:
        return SHIPPED_WORDS
    if len(points) < len(used):
        return f"{sum(points)} measurements of this machine, {SHIPPED_WORDS} for other steps"
    return f"{sum(points)} measurements of this machine"


def _weighted_median(values: Sequence[tuple[float, float]]) -> float:
    """The value at which half the weight is reached; `values` are (value, weight)."""
    half, reached = sum(weight for _, weight in values) / 2, 0.0
    for value, weight in sorted(values):
        reached += weight
        if reached >= half:
            return value
    raise ValueError("a median needs a value")
