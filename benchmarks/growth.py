"""What adding a month costs when many are there: 24 months, one command each, file to all marts."""

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
#: Months whose models are listed one by one: the second, with a neighbour like all later ones, and
#: the last.
LISTED = (2, MONTHS)


def measure(
    work: Path, say: Callable[[str], None], events: int = EVENTS, months: int = MONTHS
) -> dict[str, Any]:
    """Add one month after the other and time each.

    Returns:
        `events`, `readings` (one a month, oldest first) and `models` (seconds by name, of month 2
        and of the last).
    """
    calendar = shop.calendar_from(date(2019, 10, 1), months)
    say(f"growth: writing {months} zips of {events:,} rows, unless they are there")
    files = shop.make_files(work / "growth-files" / f"{events}-{months}", calendar, events)
    home = work / "growth"
    shutil.rmtree(home, ignore_errors=True)
    readings, models = [], {}
    for number, (month, file) in enumerate(zip(calendar, files, strict=True), start=1):
        shop.land(home, file)
        only = f"{month:%Y-%m}"
        reading = shop.backfill(home, calendar, "--from", only, "--to", only)
        readings.append(asdict(reading))
        say(f"growth: month {number}: {reading.wall_s:.1f} s, {reading.cpu_s:.1f} CPU s")
        if number in LISTED:
            models[f"{number}"] = shop.model_seconds(home, calendar)
    shutil.rmtree(home)
    return {"events": events, "readings": readings, "models": models}


def ratio(result: dict[str, Any], key: str = "wall_s") -> float:
    """The last three months' median over that of months 2 to 4: one noisy month counts little."""
    values: list[float] = [reading[key] for reading in result["readings"]]
    return statistics.median(values[-3:]) / statistics.median(values[1:4])
