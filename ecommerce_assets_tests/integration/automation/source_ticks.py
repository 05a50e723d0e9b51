"""A sensor of the real definitions over several ticks, and the files that it looks at."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets_tests.integration.automation.ticks import Story
from ecommerce_assets_tests.support.builders import csv, line

MONTHS = ["2019-10", "2019-11", "2019-12", "2020-01", "2020-02"]
OCT, NOV, DEC, JAN, FEB = MONTHS


def file_name(month: str) -> str:
    return month_file_name(date.fromisoformat(f"{month}-01"))


def month_csv(month: str, rows: int = 3) -> bytes:
    return csv([line(n, event_time=f"{month}-03 10:00:{n:02d} UTC") for n in range(rows)])


@dataclass
class Ticks:
    """A sensor of the real definitions with its cursor, and the runs that it asked for."""

    definitions: dg.Definitions
    instance: dg.DagsterInstance
    name: str
    cursor: str | None = None
    reason: str = ""
    keys: list[str] = field(default_factory=list)
    story: Story = field(default_factory=Story)

    def __call__(self, what: str = "") -> list[str]:
        """Let it tick; gives the months that it asks for."""
        sensor = self.definitions.resolve_sensor_def(self.name)
        with dg.build_sensor_context(
            instance=self.instance,
            cursor=self.cursor,
            definitions=self.definitions,
            resources={"lakehouse": Lakehouse()},
        ) as context:
            result = sensor.evaluate_tick(context)
        requests: list[Any] = list(result.run_requests or [])
        self.cursor, self.reason = result.cursor, result.skip_message or ""
        self.keys += [request.run_key for request in requests]
        months = [request.partition_key[:7] for request in requests]
        self.story.rows.append((what, ", ".join(months) or f"nothing ({self.reason})"))
        return months

    def load(self, month: str) -> bool:
        """Run the job for a month, as the daemon does with a request."""
        job = self.definitions.resolve_job_def("load_cosmetics_month")
        return job.execute_in_process(
            instance=self.instance, partition_key=f"{month}-01", raise_on_error=False
        ).success

    def start(self, month: str) -> dg.DagsterRun:
        """A run of the month that another process is working on."""
        return self.instance.create_run_for_job(
            self.definitions.resolve_job_def("load_cosmetics_month"),
            tags={"dagster/partition": f"{month}-01"},
            status=dg.DagsterRunStatus.STARTED,
        )


def drop(folder: Path, month: str, rows: int = 3) -> Path:
    """Put a month's file into the landing folder; other rows make it another version."""
    path = folder / file_name(month)
    path.write_bytes(month_csv(month, rows))
    return path
