"""What adding a month costs when many are there: file to all marts, month 2 beside month 24."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import shop

EVENTS = 500_000
MONTHS = 24
#: Months that are added one by one and timed at each end; those between are loaded by one command.
TIMED = 3


def measure(
    work: Path, say: Callable[[str], None], events: int = EVENTS, months: int = MONTHS
) -> dict[str, Any]:
    """Load month 1, add months 2 to 4 one by one, the next in one go, the last three one by one.

    Returns:
        `events`, `months`, `readings` (of each timed month by its number) and `models` (seconds by
        name, of month 2 and of the last).
    """
    calendar = shop.calendar_from(date(2019, 10, 1), months)
    say(f"growth: writing {months} zips of {events:,} rows, unless they are there")
    files = shop.make_files(work / "growth-files" / f"{events}-{months}", calendar, events)
    home = work / "growth"
    shutil.rmtree(home, ignore_errors=True)
    for file in files:
        shop.land(home, file)
    steps = [(1, 1), *((n, n) for n in range(2, 2 + TIMED)), (2 + TIMED, months - TIMED)]
    steps += [(n, n) for n in range(months - TIMED + 1, months + 1)]
    readings, models = {}, {}
    for first, last in steps:
        ends = (f"{calendar[first - 1]:%Y-%m}", f"{calendar[last - 1]:%Y-%m}")
        reading = shop.backfill(home, calendar, "--from", ends[0], "--to", ends[1])
        say(f"growth: months {first} to {last}: {reading.wall_s:.1f} s, {reading.cpu_s:.1f} CPU s")
        if first == last > 1:
            readings[f"{first}"] = asdict(reading)
        if first == last in (2, months):
            models[f"{first}"] = shop.model_seconds(home, calendar)
    shutil.rmtree(home)
    return {"events": events, "months": months, "readings": readings, "models": models}


def ratio(result: dict[str, Any], key: str = "wall_s") -> float:
    """The last months' median over the first ones': one noisy month counts little."""
    values: list[float] = [reading[key] for reading in result["readings"].values()]
    return statistics.median(values[-TIMED:]) / statistics.median(values[:TIMED])
