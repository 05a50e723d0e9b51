"""Plans and backfills one state of a lakehouse after the other, in one process.

Called as `python plan_driver.py <state> …` with the environment of a shop whose landing folder
holds the first three months. Prints one JSON line per state: what was planned, what was then done.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

from ecommerce_assets.cli.opening import open_runner
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.settings import load_settings

SETTINGS = load_settings()
HOME = SETTINGS.home
LAKE = Lake(SETTINGS.lake_uri)
FIRST, SECOND, THIRD = DOMAINS["cosmetics"].months(SETTINGS)[:3]


def as_it_is() -> None:
    """Change nothing."""


def deliver_again(month: date, drop: int) -> None:
    """Land the month's file anew, without its last rows."""
    (path,) = (HOME / "landing" / "cosmetics").glob(f"{month:%Y-%b}*")
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        lines = archive.read(name).decode().splitlines()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "\n".join(lines[: len(lines) - drop]) + "\n")


def lose(pattern: str) -> None:
    """Remove files of the lakehouse."""
    found = list(HOME.glob(pattern))
    assert found, pattern
    for path in found:
        path.unlink()


def interrupt(step: str, month: date) -> None:
    """Leave an attempt behind as a process that was killed does."""
    row = Ledger(LAKE).begin("cosmetics.events", step, Month(month))
    row.pid = 2**22 - 1
    Ledger(LAKE)._write(row)


#: name: what happens before, the months that are asked for, whether models are forced
STATES: dict[str, tuple[Callable[[], object], list[date], bool]] = {
    "empty, one month": (as_it_is, [SECOND], False),
    "the months around it": (as_it_is, [FIRST, SECOND, THIRD], False),
    "up to date": (as_it_is, [FIRST, SECOND, THIRD], False),
    "forced, one month": (as_it_is, [FIRST], True),
    "the first month comes again": (
        lambda: deliver_again(FIRST, 2),
        [FIRST, SECOND, THIRD],
        False,
    ),
    "another month comes again and is not asked for": (
        lambda: deliver_again(THIRD, 2),
        [FIRST],
        False,
    ),
    "and then it is, beyond the month asked for": (as_it_is, [THIRD], False),
    "packed anew": (lambda: deliver_again(SECOND, 0), [SECOND], False),
    "a killed build": (lambda: interrupt("models", SECOND), [FIRST, SECOND, THIRD], False),
    "a killed build of the models over all months": (
        lambda: interrupt("history", THIRD),
        [FIRST],
        False,
    ),
    "no copy": (lambda: lose("published.duckdb"), [FIRST], False),
    "no quarantine": (
        lambda: lose(f"lake/quarantine/cosmetics/events/event_month={FIRST}/*"),
        [FIRST],
        False,
    ),
    "no such file": (lambda: lose(f"landing/cosmetics/{SECOND:%Y-%b}*"), [FIRST, SECOND], True),
}


def stamps() -> dict[str, tuple[int, int]]:
    """Every file that a backfill writes, with its time and size."""
    skipped = (HOME / "dagster", HOME / "user")
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(HOME.rglob("*"))
        if path.is_file() and not any(folder in path.parents for folder in skipped)
    }


def months(given: Any) -> list[str]:
    return sorted(f"{month:%Y-%m}" for month in given)


def main() -> None:
    runner = open_runner(SETTINGS)
    for name in sys.argv[1:]:
        happens, asked, force = STATES[name]
        happens()
        before, runs = stamps(), runner.instance.get_runs_count()
        plan = runner.plan(DOMAINS["cosmetics"], asked, force_models=force)
        idle = stamps() == before and runner.instance.get_runs_count() == runs
        count = len(Ledger(LAKE).rows())
        outcome = runner.backfill(DOMAINS["cosmetics"], asked, lambda *_: None, force_models=force)
        steps = [row for row in Ledger(LAKE).rows()[count:] if row.pid == os.getpid()]
        planned = {
            "loads": months(load.month for load in plan.due if not load.problem),
            "failing": months(load.month for load in plan.due if load.problem),
            "why": {f"{load.month:%Y-%m}": load.why for load in plan.due},
            "read": months(load.month for load in plan.due if load.reads and not load.problem),
            "models": months(plan.models.months),
            "history": bool(plan.models.history),
            "copy": bool(plan.copy),
        }
        done = {
            "loads": months(outcome.loaded),
            "failing": months(outcome.failed),
            "models": months(outcome.models_built),
            "built": months(r.first_day for r in steps if r.step == "models"),
            "read": sorted(
                row.key.words for row in steps if row.step == "lake" and row.status == "loaded"
            ),
            "history": any(row.step == "history" for row in steps),
            "copy": any(row.step == "copy" for row in steps),
        }
        note = {"models_failure": outcome.models_failure, "plan_failure": outcome.plan_failure}
        print(json.dumps({"state": name, "idle": idle, "planned": planned, "done": done} | note))


if __name__ == "__main__":
    main()
