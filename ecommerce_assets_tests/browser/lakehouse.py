"""A lakehouse in a folder of its own, filled by the command line as a user fills it.

Belongs here: the environment of the commands, running them, and landing files for the source
`files`. Stays out: the UI (`dagster_dev.py`) and the browser (`chromium.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ecommerce_assets.domains.cosmetics.simulator.month import simulate_cosmetics_month
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets.month_settings import parse_month_range

CHECKOUT = Path(__file__).parents[2]
ECOMMERCE = Path(sys.executable).parent / "ecommerce"
SEED = 42
#: What a download page leaves behind when the session has ended: a page under the file's name.
LOGIN_PAGE = b"<!DOCTYPE html><html><body><h1>Please sign in to download</h1></body></html>\n"


@dataclass(frozen=True)
class Lakehouse:
    """A lakehouse and the settings that its commands are given.

    Attributes:
        home: ECOMMERCE_HOME.
        months: first and last month of the domain, as ECOMMERCE_COSMETICS_MONTHS takes them.
        events: events a month of the simulated shop.
        source: `sample`, or `files` for the folder that `land` fills.
        variables: more of its settings.
    """

    home: Path
    months: str
    events: int
    source: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def calendar(self) -> list[date]:
        """The months of the domain."""
        first, last = parse_month_range(self.months)
        numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        return [date(number // 12, number % 12 + 1, 1) for number in numbers]

    @property
    def environment(self) -> dict[str, str]:
        """The environment of its commands: nothing of the developer's own lakehouse in it."""
        foreign = ("ECOMMERCE_", "KAGGLE_", "GCP_", "DAGSTER_", "DBT_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return kept | {
            "ECOMMERCE_HOME": str(self.home),
            "ECOMMERCE_COSMETICS_MONTHS": self.months,
            "ECOMMERCE_SAMPLE_EVENTS": str(self.events),
            "ECOMMERCE_SAMPLE_SEED": str(SEED),
            "ECOMMERCE_SOURCE": self.source,
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "COLUMNS": "200",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            **self.variables,
        }

    def land(self, broken: date | None = None) -> None:
        """Put a file of every month into the landing folder.

        Args:
            broken: the month that gets a web page under its file's name.
        """
        folder = self.home / "landing" / "cosmetics"
        folder.mkdir(parents=True, exist_ok=True)
        for month in self.calendar:
            file = folder / month_file_name(month)
            simulate_cosmetics_month(
                month, file, events=self.events, seed=SEED, calendar=self.calendar
            )
            if month == broken:
                file.write_bytes(LOGIN_PAGE)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ecommerce …` to its end; what it prints is in the answer's `stdout`."""
        return subprocess.run(
            [str(ECOMMERCE), *arguments],
            env=self.environment,
            cwd=self.home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )
