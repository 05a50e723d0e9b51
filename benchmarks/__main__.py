"""`python -m benchmarks`: measure everything and write `docs/benchmarks/`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from rich.console import Console

from benchmarks import fullsize, growth, ingest, overheads, page, store
from benchmarks.measure import as_json, environment

WORK = Path(__file__).parent / ".work"
PARTS = ["ingest", "overheads", "fullsize", "growth", "store"]


def main() -> None:
    """Run what is asked for; a part that is not run keeps its earlier results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure this part alone")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds (default 5)")
    parser.add_argument(
        "--growth-events",
        type=int,
        default=growth.EVENTS,
        help=f"rows of each of the {growth.MONTHS} months (default {growth.EVENTS:,})",
    )
    chosen = parser.parse_args()
    console = Console()
    WORK.mkdir(parents=True, exist_ok=True)
    earlier = page.DOCS / "results.json"
    results = json.loads(earlier.read_text()) if earlier.exists() else {}
    results["environment"] = environment()
    if chosen.only in (None, "ingest"):
        readings = ingest.compare(WORK, chosen.rounds, console.print)
        results["ingest"] = {name: as_json(rows) for name, rows in readings.items()}
    if chosen.only in (None, "overheads"):
        results["overheads"] = overheads.measure(WORK, chosen.rounds, console.print)
    if chosen.only in (None, "fullsize"):
        results["fullsize"] = fullsize.measure(WORK, console.print)
    if chosen.only in (None, "growth"):
        results["growth"] = growth.measure(WORK, console.print, chosen.growth_events)
    if chosen.only in (None, "store"):
        results["store"] = store.measure(WORK, console.print)
    results.setdefault("ingest", {})
    console.print(f"written: {page.write(results).relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
