"""The electronics store at the real size: one file of 2.6 million rows, to all marts and truths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import shop
from benchmarks.measure import run_tree

ROWS = 2_633_521
TRUTHS = """
import json
from collections import Counter
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.truths import read_verdicts
from ecommerce_assets.connect import lake_of
from ecommerce_assets.settings import load_settings
found = read_verdicts(lake_of(load_settings()), DOMAINS["electronics"].dataset)
print(json.dumps(Counter(v.status for v in found if v.dataset == "simulated shop")))
"""


def measure(work: Path, say: Callable[[str], None], rows: int = ROWS) -> dict[str, Any]:
    """Simulate, load and model the store by one command.

    Returns:
        `rows`, `reading`, `steps` (the ledger's seconds), `models` (seconds by name) and `truths`
        (planted figures by verdict).
    """
    say(f"store: one file of {rows:,} rows")
    home = work / "store"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    variables = {
        "ECOMMERCE_HOME": str(home),
        "ECOMMERCE_SAMPLE_PURCHASES": str(rows),
        "DAGSTER_HOME": str(home / "dagster"),
    }
    reading = run_tree([shop.ECOMMERCE, "backfill", "electronics"], home, variables)
    say(f"store: {reading.wall_s:.0f} s, {reading.peak_mb:.0f} MB")
    done = subprocess.run(
        [sys.executable, "-c", TRUTHS],
        env=os.environ | variables,
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    result = {
        "rows": rows,
        "reading": asdict(reading),
        "steps": shop.ledger_seconds(home),
        "models": shop.seconds_of_models(home, variables),
        "truths": json.loads(done.stdout),
    }
    shutil.rmtree(home)
    return result
