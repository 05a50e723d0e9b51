"""A month's zip to Parquet, ours beside the alternatives, each in a process of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Reading, run

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
    """Write the simulated month once; it is kept between runs.

    In a process of its own: a child's peak memory counts its parent's at the moment of the fork.
    """
    target = folder / f"{events}" / "2019-Oct.csv.zip"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        script = (
            "from datetime import date; from pathlib import Path; import sys;"
            "from ecommerce_assets.domains.cosmetics.simulator import month as simulator;"
            "calendar = [date(2019, m, 1) for m in (10, 11, 12)];"
            "simulator.simulate_cosmetics_month(calendar[0], Path(sys.argv[1]),"
            "events=int(sys.argv[2]),"
            " seed=42, calendar=calendar)"
        )
        subprocess.run([sys.executable, "-c", script, str(target), str(events)], check=True)
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
            held = re.search(r"held_mb=([\d.]+)", (out / "run.log").read_text())
            if held:
                reading = replace(reading, peak_mb=round(reading.peak_mb + float(held[1]), 1))
            if number:  # the first round warms the caches and is not counted
                taken.append(reading)
            say(f"round {number} {name}: {reading.wall_s:.2f} s, {reading.peak_mb:.0f} MB")
    shutil.rmtree(work / "out", ignore_errors=True)
    return readings
