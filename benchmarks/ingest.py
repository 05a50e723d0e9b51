"""A month's zip to Parquet, ours beside the alternatives, each in a process of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.measure import Reading, run

MONTH = date(2019, 10, 1)
EVENTS = 4_102_283  # rows of the original file of October 2019
METHODS = {
    "lakehouse": "this project: all checks, quarantine and ledger on",
    "limit": "(e) the limit: inflate and one bare DuckDB COPY",
    "pyarrow_stream": "(d) pyarrow, streamed from the zip",
    "polars_stream": "(c) polars, unzipped and streamed",
    "pandas_tuned": "(b) pandas, tuned",
    "pandas_chunks": "(a) the replaced pipeline: pandas in chunks",
}
#: The slow ones show their order of magnitude in fewer rounds.
MAX_ROUNDS = {"pandas_chunks": 5}


def make_month(folder: Path, events: int = EVENTS) -> Path:
    """Write the simulated month once; it is kept between runs."""
    from ecommerce_assets.simulation.cosmetics.month import simulate_cosmetics_month

    target = folder / f"{events}" / "2019-Oct.csv.zip"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        calendar = [date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)]
        simulate_cosmetics_month(MONTH, target, events=events, seed=42, calendar=calendar)
    return target


def compare(
    work: Path, rounds: int, say: Callable[[str], None], events: int = EVENTS
) -> dict[str, list[Reading]]:
    """Run every method in turn, round after round, so that a slow minute hits all alike."""
    archive = make_month(work, events)
    readings: dict[str, list[Reading]] = {name: [] for name in METHODS}
    for number in range(rounds + 1):
        for name, taken in readings.items():
            if number > MAX_ROUNDS.get(name, rounds):
                continue
            out = work / "out"
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            module = f"benchmarks.methods.{name}"
            reading = run([sys.executable, "-m", module, str(archive), str(out)], out)
            if number:  # the first round warms the caches and is not counted
                taken.append(reading)
            say(f"round {number} {name}: {reading.wall_s:.2f} s, {reading.peak_mb:.0f} MB")
    shutil.rmtree(work / "out", ignore_errors=True)
    return readings
