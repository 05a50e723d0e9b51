"""A plan and the calibration of past plans as tables of texts, for the terminal and for Dagster.

Belongs here: wording, units, order of columns. Stays out: the figures (`plan.py`, `lib/`), and
how a table is laid out (`lib/text/listing.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import TYPE_CHECKING

from rich.text import Text

from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.lake.ledger import COMMAND, LedgerRow
from ecommerce_assets.lib.text.listing import Column, Listing
from ecommerce_assets.planning.cost import SHIPPED_WORDS, Interval

if TYPE_CHECKING:
    from ecommerce_assets.dbt.freshness import ModelState
    from ecommerce_assets.planning.loads import Load
    from ecommerce_assets.planning.plan import Plan
    from ecommerce_assets.planning.price import Price

PLAN_COLUMNS = (
    Column("step", folds=True),
    Column("month"),
    Column("why", folds=True),
    Column("rows", number=True),
    Column("rows from", rank=3),
    Column("bytes", number=True, rank=1),
    Column("bytes from", rank=2),
)
CALIBRATION_COLUMNS = (
    Column("started (UTC)"),
    Column("command"),
    Column("partitions", rank=5),
    Column("rows", number=True, rank=6),
    Column("estimated s", rank=1),
    Column("took s", number=True),
    Column("time ratio", number=True, rank=8),
    Column("time inside"),
    Column("estimated MB", rank=3),
    Column("peak MB", number=True, rank=2),
    Column("memory ratio", number=True, rank=9),
    Column("memory inside", rank=4),
    Column("basis", rank=7, folds=True),
)
NO_HISTORY = (
    "No backfill has been recorded with an estimate yet; run one: ecommerce backfill DOMAIN"
)


def plan_table(plan: Plan, monthly: Sequence[str] = (), over_all: Sequence[str] = ()) -> Listing:
    """What a plan touches, a row per step and month, and what it costs.

    Args:
        plan: the plan.
        monthly: names of the assets that are built month by month.
        over_all: names of those that are built as a whole.
    """
    rows: list[tuple[str | Text, ...]] = [_load_row(load) for load in plan.due]
    loaded = {load.month for load in plan.due if load.reads}
    for month, why in sorted(plan.models.months.items()):
        origin = "its load" if month in loaded else "published footer"
        rows.append(("models", f"{month:%Y-%m}", why, f"{plan.rows[month]:,}", origin, "", ""))
    if plan.models.history:
        rows.append(("models over all months", "all", plan.models.history, "", "", "", ""))
    if plan.truths:
        rows.append(("figures", "all", plan.truths, "", "", "", ""))
    if plan.copy:
        rows.append(("readers' copy", "all", plan.copy, "", "", "", ""))
    idle = [load for load in plan.loads if not load.due]
    months = f"{plan.months[0]:%Y-%m} to {plan.months[-1]:%Y-%m}"
    notes = [f"{len(idle)} of {len(plan.loads)} months are up to date in files, lake and raw."]
    down = plan.down
    notes += [f"{name} cannot be loaded: {why}" for name, why in plan.refusals.items()]
    failing = [load for load in plan.due if load.problem]
    failing = [load for load in failing if load.table.contract.dataset not in down]
    notes += [f"{load.month:%Y-%m} will fail: {load.problem}" for load in failing[:3]]
    if len(failing) > 3:
        notes.append(f"{len(failing) - 3} more months will fail.")
    if plan.due:
        notes.append("load: the assets files, lake and raw of the month.")
    if any(load.reads for load in plan.due):
        notes.append(
            "A month whose new file holds the same rows in the same order costs no models."
        )
    if plan.models.months and monthly:
        notes.append(f"models: {len(monthly)} assets: {', '.join(monthly)}.")
    if plan.models.history and over_all:
        notes.append(f"models over all months: {len(over_all)} assets: {', '.join(over_all)}.")
    size = plan.size
    notes.append(
        f"In all {size.partitions} partitions, {size.rows:,} rows, {_bytes(size.bytes)} to load; "
        f"{seconds_text(plan.cost.seconds)}; {memory_text(plan.cost.megabytes)} at its peak."
    )
    parts = [f"{step} {_s(seconds)} s" for step, seconds in plan.cost.by_step.items() if seconds]
    notes.append(f"Time by step: {', '.join(parts)}.")
    notes.append(f"Basis: {plan.cost.basis}.")
    notes += [f"{plan.outside}."] if plan.outside else []
    forced = ", all models forced" if plan.force else ""
    title = f"Plan for {months}{forced}" if rows else f"Plan for {months}: nothing to do"
    return Listing(title, PLAN_COLUMNS, rows, notes)


def outside_note(domain: Domain, state: ModelState, months: Sequence[date]) -> str | None:
    """One sentence on months that are loaded and that the domain's months leave out, if any are.

    Args:
        domain: names the setting.
        state: what is published and built.
        months: the domain's, oldest first.
    """
    from ecommerce_assets.dbt.freshness import stale_outside

    if not state.outside:
        return None
    named = ", ".join(f"{month:%Y-%m}" for month in state.outside)
    several = len(state.outside) > 1
    stale = [f"{month:%Y-%m}" for month in stale_outside(state)]
    old = f" (no longer up to date: {', '.join(stale)})" if stale else ""
    return (
        f"{named} {'are' if several else 'is'} loaded and {'lie' if several else 'lies'} outside "
        f"{domain.months_setting} ({months[0]:%Y-%m} to {months[-1]:%Y-%m}): "
        f"{'they are' if several else 'it is'} not loaded or built again, and the marts keep "
        f"{'their' if several else 'its'} rows as they were last built{old}; widen the setting to "
        f"bring {'them' if several else 'it'} up to date"
    )


def price_note(price: Price) -> str:
    """One sentence: what BigQuery would read, its price, and what could not be asked."""
    text = (
        f"BigQuery says that {len(price.bytes_by_model)} models would read "
        f"{_bytes(price.bytes)}: ${price.usd:,.2f} at ${price.usd_per_tib:g} a TiB, "
        "before what is free."
    )
    if price.unknown:
        text += (
            f" {len(price.unknown)} more read tables that are not there yet and are not in it: "
            f"{', '.join(price.unknown[:3])}{' and others' if len(price.unknown) > 3 else ''}."
        )
    return text


def calibration_table(rows: Sequence[LedgerRow]) -> Listing:
    """Past commands that did something: what was estimated beside what it took.

    Args:
        rows: the ledger's, oldest first.
    """
    commands = [row for row in rows if row.step == COMMAND]
    past = [r for r in commands if r.seconds and r.estimated_seconds and r.partitions_done]
    title = f"Estimates and what came of them: {len(past)} of {len(commands)} commands"
    table = Listing(title, CALIBRATION_COLUMNS)
    for row in past:
        table.rows.append(
            (
                row.started_at[:19].replace("T", " "),
                row.command or "",
                f"{row.partitions_done} of {row.partitions_planned}",
                f"{row.rows_done:,}",
                *_cells(_seconds(row), row.seconds or 0),
                *_cells(_megabytes(row), row.peak_mb or 0),
                row.basis or "",
            )
        )
    if not past:
        table.notes.append(NO_HISTORY)
        return table
    shipped = [row for row in past if SHIPPED_WORDS in (row.basis or "")]
    own = [row for row in past if row not in shipped]
    for name, group in (("shipped defaults", shipped), ("this machine's history", own)):
        if group:
            table.notes.append(f"Estimated from {name}: {_summary(group)}.")
    if len(past) < len(commands):
        table.notes.append("Commands that found nothing to do, or did not end, are left out.")
    table.notes.append("Memory is sampled ten times a second over the process and its children.")
    return table


def seconds_text(interval: Interval) -> str:
    """E.g. `about 31 s (15 to 62 s)`."""
    return f"about {_s(interval.mid)} s ({_s(interval.low)} to {_s(interval.high)} s)"


def memory_text(interval: Interval) -> str:
    """E.g. `about 900 MB (450 to 1,800 MB)`."""
    return f"about {interval.mid:,.0f} MB ({interval.low:,.0f} to {interval.high:,.0f} MB)"


def _load_row(load: Load) -> tuple[str | Text, ...]:
    size = load.size
    step = "load" if len(DOMAINS[load.table.domain].tables) == 1 else f"load {load.table.name}"
    if not load.reads:
        return (step, f"{load.month:%Y-%m}", load.why or "", "", "", "", "")
    return (
        step,
        f"{load.month:%Y-%m}",
        load.why or "",
        f"{size.rows:,}",
        size.rows_from,
        _bytes(size.bytes),
        size.bytes_from,
    )


def _summary(rows: Sequence[LedgerRow]) -> str:
    parts = []
    for name, pairs in (
        ("time", [(_seconds(row), row.seconds or 0.0) for row in rows]),
        ("memory", [(_megabytes(row), row.peak_mb or 0.0) for row in rows]),
    ):
        inside = sum(each.low <= actual <= each.high for each, actual in pairs)
        off = median(abs(math.log(actual / each.mid)) for each, actual in pairs if actual)
        parts.append(
            f"{name} inside {inside} of {len(pairs)}, typically off by {math.expm1(off):.0%}"
        )
    return "; ".join(parts)


def _cells(estimated: Interval, actual: float) -> tuple[str, str, str, str]:
    inside = "yes" if estimated.low <= actual <= estimated.high else "no"
    ratio = f"{actual / estimated.mid:.2f}" if estimated.mid else ""
    shown = f"{_s(estimated.mid)} ({_s(estimated.low)} to {_s(estimated.high)})"
    return shown, _s(actual), ratio, inside


def _seconds(row: LedgerRow) -> Interval:
    return Interval(
        row.estimated_seconds_low or 0, row.estimated_seconds or 0, row.estimated_seconds_high or 0
    )


def _megabytes(row: LedgerRow) -> Interval:
    return Interval(row.estimated_mb_low or 0, row.estimated_mb or 0, row.estimated_mb_high or 0)


def _s(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def _bytes(number: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:,.1f} {unit}"
    return f"{number} B"
