"""A lakehouse of a test's own, driven through the command line like a user's.

Belongs here: its home, its environment, calling `ecommerce`, and what Dagster and the ledger say
of it afterwards. Stays out: reading tables (`tables.py`) and killing (`kill_driver.py`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.months import months_between, next_month
from ecommerce_assets.month_settings import parse_month_range

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("ecommerce")
KILL_DRIVER = Path(__file__).with_name("kill_driver.py")
FULL = os.environ.get("ECOMMERCE_FULL_TESTS") == "1"
#: The five months that the data set has, or three of them.
RANGE = "2019-10:2020-02" if FULL else "2019-10:2019-12"
MONTHS = months_between(*parse_month_range(RANGE))
#: Enough for pairs of products that were bought together often enough to be named.
EVENTS = 5_000
#: A machine that runs other suites at the same time is slow.
LONGEST_RUN_S = 900
KILLED = -9


@dataclass(frozen=True)
class Done:
    """A finished command."""

    code: int
    output: str


@dataclass
class Shop:
    """A lakehouse in a folder.

    Attributes:
        home: its ECOMMERCE_HOME.
        variables: environment variables beyond those that every command of the tests gets.
    """

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def lake(self) -> Lake:
        """The lake."""
        return Lake((self.home / "lake").as_uri())

    @property
    def landing(self) -> Path:
        """The folder where the source `files` finds cosmetics files."""
        folder = self.home / "landing" / "cosmetics"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of a command: nothing of the developer's own gets in."""
        user = self.home / "user"
        user.mkdir(exist_ok=True)
        return {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(user),
            "LANG": "C.UTF-8",
            "COLUMNS": "500",
            "PYTHONPATH": str(ROOT),
            "NO_PROXY": "127.0.0.1",
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "ECOMMERCE_HOME": str(self.home),
            "ECOMMERCE_COSMETICS_MONTHS": RANGE,
            "ECOMMERCE_SAMPLE_EVENTS": str(EVENTS),
            **self.variables,
        }

    def start(
        self,
        *arguments: str,
        kill_at: str | None = None,
        stderr: bool = True,
        **variables: str,
    ) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, so that the group can be killed.

        Without `stderr`, the output is what a program that reads the command would get.
        """
        program = [str(COMMAND)]
        if kill_at:
            program = [sys.executable, str(KILL_DRIVER), kill_at]
        return subprocess.Popen(
            [*program, *arguments],
            env=self.environment | variables,
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if stderr else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def run(
        self,
        *arguments: str,
        kill_at: str | None = None,
        stderr: bool = True,
        **variables: str,
    ) -> Done:
        """Run a command to its end."""
        return finish(self.start(*arguments, kill_at=kill_at, stderr=stderr, **variables))

    def ok(self, *arguments: str, **variables: str) -> str:
        """Run a command that must succeed; gives what it printed."""
        done = self.run(*arguments, **variables)
        assert done.code == 0, done.output
        assert "Traceback" not in done.output
        return done.output

    def land(self, files: Iterable[Path]) -> None:
        """Put files into the landing folder."""
        for file in files:
            (self.landing / file.name).write_bytes(file.read_bytes())

    def delivered(self) -> list[Path]:
        """The files that the source delivered, as they lie in the lake, oldest month first."""
        return sorted((self.home / "lake" / "files").rglob("*.csv*"))

    # What the ledger and Dagster say ------------------------------------------------------------

    def statuses(self, step: str) -> list[str]:
        """The ledger's statuses of a step, oldest first."""
        return [row.status for row in Ledger(self.lake).rows() if row.step == step]

    def open_runs(self) -> list[str]:
        """Dagster's runs that are not over."""
        states = [
            dg.DagsterRunStatus.NOT_STARTED,
            dg.DagsterRunStatus.QUEUED,
            dg.DagsterRunStatus.STARTING,
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.CANCELING,
        ]
        with self._instance() as instance:
            return [r.run_id for r in instance.get_runs(dg.RunsFilter(statuses=states))]

    def partitions(self, layer: str) -> dict[str, str]:
        """Dagster's status of each month of `cosmetics/<layer>/events`."""
        partitions = dg.MonthlyPartitionsDefinition(
            start_date=f"{MONTHS[0]}", end_date=f"{next_month(MONTHS[-1])}"
        )
        key = dg.AssetKey(["cosmetics", layer, "events"])
        with self._instance() as instance:
            found = instance.get_status_by_partition(
                key, partitions.get_partition_keys(), partitions
            )
        return {
            month: status.value if status else "NONE" for month, status in (found or {}).items()
        }

    def _instance(self) -> Any:
        return dg.DagsterInstance.from_config(str(self.home / "dagster"))


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for a started command."""
    output, _ = process.communicate(timeout=LONGEST_RUN_S)
    return Done(process.returncode, output)


def contract() -> TableContract:
    """The contract of the cosmetics events."""
    return load_contract("cosmetics", "events")


def month_text(month: date) -> str:
    """A month as the command line takes it."""
    return f"{month:%Y-%m}"
