"""Five months at the real size, 20.7 million rows: from the zips to all marts by one command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import shop

#: A fifth of the original's 20,692,840 rows; the simulated shop's months are of one size.
EVENTS = 4_138_568
CALENDAR = shop.calendar_from(date(2019, 10, 1), 5)


def measure(work: Path, say: Callable[[str], None], events: int = EVENTS) -> dict[str, Any]:
    """Time the whole command, its peak memory, the ledger's steps and each model.

    Returns:
        `events`, `months`, `reading`, `steps` and `models` (seconds by name).
    """
    say(f"full size: writing {len(CALENDAR)} zips of {events:,} rows, unless they are there")
    files = shop.make_files(work / "fullsize-files" / f"{events}", CALENDAR, events)
    home = work / "fullsize"
    shutil.rmtree(home, ignore_errors=True)
    for file in files:
        shop.land(home, file)
    reading = shop.backfill(home, CALENDAR)
    say(f"full size: {reading.wall_s:.0f} s, {reading.peak_mb:.0f} MB")
    result = {
        "events": events,
        "months": len(CALENDAR),
        "zip_bytes": sum(file.stat().st_size for file in files),
        "reading": asdict(reading),
        "steps": shop.ledger_seconds(home),
        "models": shop.model_seconds(home, CALENDAR),
    }
    shutil.rmtree(home)
    return result
