"""`python -m benchmarks.calibration`: ten backfills of different size, each planned before it runs.

All work on one lakehouse in a folder of their own, so that each is estimated from those before it.
Prints what each plan said and, at the end, the estimates beside what came of them as Markdown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.planning.words import calibration_table

WORK = Path(__file__).parent / ".work" / "calibration"
COMMAND = Path(sys.executable).with_name("ecommerce")
FIRST, SECOND, LAST = "2019-10", "2019-11", "2020-02"


@dataclass(frozen=True)
class Backfill:
    """One backfill: events a month, its range, and what it finds.

    Other events a month are another version of the source, so all asked months are loaded again.
    """

    events: int
    first: str
    last: str
    finds: str
    force: bool = False

    @property
    def arguments(self) -> list[str]:
        """What `ecommerce` is called with."""
        span = ["--from", self.first, "--to", self.last]
        return ["backfill", "cosmetics", *span, *(["--force"] if self.force else [])]


BACKFILLS = (
    Backfill(2_000, FIRST, FIRST, "an empty lakehouse"),
    Backfill(2_000, FIRST, LAST, "one month of five"),
    Backfill(20_000, FIRST, SECOND, "smaller files"),
    Backfill(20_000, FIRST, LAST, "two months of five"),
    Backfill(100_000, LAST, LAST, "a smaller file"),
    Backfill(100_000, FIRST, LAST, "one month of five"),
    Backfill(100_000, FIRST, LAST, "all up to date", force=True),
    Backfill(400_000, SECOND, SECOND, "a smaller file"),
    Backfill(400_000, FIRST, LAST, "one month of five"),
    Backfill(400_000, FIRST, SECOND, "all up to date", force=True),
)
#: One far beyond the sizes that came before it.
FULL_SIZE = Backfill(4_138_568, FIRST, SECOND, "smaller files")


def main() -> None:
    """Run the ten, or the first few."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--work", type=Path, default=WORK, help="folder, emptied first")
    parser.add_argument("--only", type=int, default=len(BACKFILLS), help="how many of the ten")
    parser.add_argument("--full-size", action="store_true", help="one more, of real months' size")
    chosen = parser.parse_args()
    shutil.rmtree(chosen.work, ignore_errors=True)
    chosen.work.mkdir(parents=True)
    backfills = [*BACKFILLS[: chosen.only], *([FULL_SIZE] if chosen.full_size else [])]
    for number, backfill in enumerate(backfills, 1):
        print(
            f"\n{number}. {backfill.events:,} events, {backfill.first} to {backfill.last}", end=""
        )
        print(f"{', forced' if backfill.force else ''}: finds {backfill.finds}", flush=True)
        planned = ecommerce(chosen.work, backfill, "--plan")
        print("   planned:", *(line for line in planned if line.startswith(("In all", "Basis"))))
        done = ecommerce(chosen.work, backfill)
        print("   done:   ", *(line for line in done if line.startswith("Estimated")), flush=True)
    rows = Ledger(Lake((chosen.work / "lake").as_uri())).rows()
    print(f"\n{calibration_table(rows).markdown()}")


def ecommerce(home: Path, backfill: Backfill, *options: str) -> list[str]:
    """The lines that a command printed; it must succeed."""
    environment = os.environ | {
        "ECOMMERCE_HOME": str(home),
        "ECOMMERCE_SAMPLE_EVENTS": str(backfill.events),
        "ECOMMERCE_SOURCE": "sample",
        "COLUMNS": "1000",
    }
    environment.pop("DAGSTER_HOME", None)
    done = subprocess.run(
        [str(COMMAND), *backfill.arguments, *options],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(backfill.arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines()


if __name__ == "__main__":
    main()
