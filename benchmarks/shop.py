"""A lakehouse of a benchmark's own: landed files, commands, and what each model took.

Belongs here: what `fullsize` and `growth` share. Stays out: what they measure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

from benchmarks.measure import TreeReading, run_tree

ECOMMERCE = str(Path(sys.executable).parent / "ecommerce")
SIMULATE = """
import json, sys
from datetime import date
from pathlib import Path
from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
target, events, month, calendar = sys.argv[1:]
simulate_cosmetics_month(
    date.fromisoformat(month), Path(target), events=int(events), seed=42,
    calendar=[date.fromisoformat(m) for m in json.loads(calendar)],
)
"""
MODEL_SECONDS = """
import json
import dagster as dg
instance = dg.DagsterInstance.get()
seconds = {}
for key in instance.all_asset_keys():
    event = instance.get_latest_materialization_event(key)
    metadata = event.asset_materialization.metadata if event else {}
    if "Execution Duration" in metadata:
        seconds["/".join(key.path)] = float(metadata["Execution Duration"].value)
print(json.dumps(seconds))
"""


def calendar_from(first: date, months: int) -> list[date]:
    """So many months from the first on."""
    found = [first]
    while len(found) < months:
        last = found[-1]
        found.append(date(last.year + last.month // 12, last.month % 12 + 1, 1))
    return found


def make_files(folder: Path, calendar: list[date], events: int) -> list[Path]:
    """Write the zips of a simulated shop once; they are kept between runs."""
    from ecommerce_assets.lib.sources.protocol import month_file_name

    folder.mkdir(parents=True, exist_ok=True)
    listed = json.dumps([f"{month}" for month in calendar])
    files = []
    for month in calendar:
        target = folder / f"{month_file_name(month)}.zip"
        if not target.exists():
            staged = target.with_name(f".{target.name}")
            arguments = [str(staged), str(events), f"{month}", listed]
            subprocess.run([sys.executable, "-c", SIMULATE, *arguments], check=True)
            staged.replace(target)
        files.append(target)
    return files


def environment(home: Path, calendar: list[date]) -> dict[str, str]:
    """What every command of the lakehouse at `home` is told."""
    return {
        "ECOMMERCE_HOME": str(home),
        "ECOMMERCE_COSMETICS_SOURCE": "files",
        "ECOMMERCE_COSMETICS_MONTHS": f"{calendar[0]:%Y-%m}:{calendar[-1]:%Y-%m}",
        "DAGSTER_HOME": str(home / "dagster"),
    }


def land(home: Path, file: Path) -> None:
    """Put a file into the landing folder, without copying it."""
    folder = home / "landing" / "cosmetics"
    folder.mkdir(parents=True, exist_ok=True)
    os.link(file, folder / file.name)


def backfill(home: Path, calendar: list[date], *arguments: str) -> TreeReading:
    """Run `ecommerce backfill cosmetics` to its end."""
    command = [ECOMMERCE, "backfill", "cosmetics", *arguments]
    return run_tree(command, home, environment(home, calendar))


def model_seconds(home: Path, calendar: list[date]) -> dict[str, float]:
    """Seconds that dbt spent on each model in its latest materialisation."""
    return seconds_of_models(home, environment(home, calendar))


def seconds_of_models(home: Path, variables: dict[str, str]) -> dict[str, float]:
    """The same, told what the commands of the lakehouse at `home` were told."""
    done = subprocess.run(
        [sys.executable, "-c", MODEL_SECONDS],
        env=os.environ | variables,
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def ledger_seconds(home: Path) -> dict[str, float]:
    """Seconds that the ledger timed, by step."""
    from ecommerce_assets.lib.lake.lake import Lake
    from ecommerce_assets.lib.lake.ledger import COMMAND, Ledger

    seconds: dict[str, float] = {}
    for row in Ledger(Lake((home / "lake").as_uri())).rows():
        if row.step != COMMAND and row.seconds:
            seconds[row.step] = round(seconds.get(row.step, 0.0) + row.seconds, 3)
    return seconds
