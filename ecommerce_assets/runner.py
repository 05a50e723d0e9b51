"""Materialising from the command line, in this process, into the instance that the UI shows.

Belongs here: the order of runs of a backfill, what became of each month, and closing the runs of
killed processes. Stays out: what an asset does (`defs/`) and how it is printed (`cli.py`).
"""

import fcntl
import logging
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import dagster as dg

from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.lake import Lake, process_alive
from ecommerce_assets.partitions import MONTH_FORMAT, next_month, previous_month
from ecommerce_assets.settings import Settings

PROCESS_TAG = "ecommerce/process"
RANGE_START_TAG = "dagster/asset_partition_range_start"
RANGE_END_TAG = "dagster/asset_partition_range_end"
DAGSTER_YAML = Path(__file__).parents[1] / "dagster.yaml"

#: Told what a backfill does: the step's name, and how many of how many are done.
Report = Callable[[str, int, int], None]


@dataclass
class Outcome:
    """What a backfill did: failed months with the reason that the user is shown."""

    loaded: list[date] = field(default_factory=list)
    failed: dict[date, str] = field(default_factory=dict)
    models_built: list[date] = field(default_factory=list)
    models_failure: str | None = None

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for is there."""
        return not self.failed and self.models_failure is None


def prepare_dagster_home(settings: Settings) -> Path:
    """Make Dagster's folder with the project's settings; every command and the UI share it."""
    home = Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home)
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    if DAGSTER_YAML.exists() and not (
        target.exists() and target.read_bytes() == DAGSTER_YAML.read_bytes()
    ):
        shutil.copyfile(DAGSTER_YAML, target)
    os.environ["DAGSTER_HOME"] = str(home)
    return home


class Runner:
    """Materialises assets of the code location in this process.

    Args:
        settings: the environment.
    """

    def __init__(self, settings: Settings) -> None:
        prepare_dagster_home(settings)
        from ecommerce_assets.definitions import defs

        self._settings = settings
        self.log = Path(os.environ["DAGSTER_HOME"]) / "logs" / "command.log"
        with _alone(Path(os.environ["DAGSTER_HOME"])):
            self.instance = dg.DagsterInstance.get()
        self._job = defs().resolve_implicit_global_asset_job_def()
        close_orphans(self.instance)

    def backfill_cosmetics(
        self, months: Sequence[date], report: Report, *, force_models: bool = False
    ) -> Outcome:
        """Load months from file to raw table, one run each, then build the models once.

        A month that fails does not hold the others up. Models that are up to date are not rebuilt.

        Args:
            months: ascending.
            report: told of the progress.
            force_models: build the models of all given months, stale or not.
        """
        from ecommerce_assets.defs.cosmetics.assets import CONTRACT

        outcome = Outcome()
        layers = [dg.AssetKey(["cosmetics", layer, "events"]) for layer in ("files", "lake", "raw")]
        for done, month in enumerate(months):
            report(f"load {month:%Y-%m}", done, len(months))
            failure = self.run(layers, {}, partition_key=f"{month:{MONTH_FORMAT}}")
            if failure is None:
                outcome.loaded.append(month)
            else:
                outcome.failed[month] = failure
        report("load", len(months), len(months))
        self._build_models(CONTRACT, outcome, report, force_models)
        return outcome

    def _build_models(
        self, contract: TableContract, outcome: Outcome, report: Report, force: bool
    ) -> None:
        from ecommerce_assets.defs.dbt.freshness import (
            built_months,
            history_is_stale,
            stale_months,
        )

        lake = Lake(self._settings.lake_uri)
        stale = set(stale_months(lake, contract))
        # A new month changes its neighbours' first and last visits.
        near = {each(m) for m in outcome.loaded for each in (previous_month, next_month)}
        wanted = sorted({m for m in outcome.loaded if force} | (stale & near.union(outcome.loaded)))
        monthly, unpartitioned = self._model_keys()
        ranges = contiguous(wanted)
        for done, (first, last) in enumerate(ranges):
            report(f"models {first:%Y-%m} to {last:%Y-%m}", done, len(ranges) + 1)
            tags = {
                RANGE_START_TAG: f"{first:{MONTH_FORMAT}}",
                RANGE_END_TAG: f"{last:{MONTH_FORMAT}}",
            }
            outcome.models_failure = self.run(monthly, tags)
            if outcome.models_failure:
                return
            outcome.models_built += [m for m in wanted if first <= m <= last]
        due = wanted or history_is_stale(lake, contract) or self._copy_is_behind()
        # Where no month's models were ever built, those over all months have nothing to read.
        if due and built_months(lake, contract):
            report("marts over all months", len(ranges), len(ranges) + 1)
            outcome.models_failure = self.run(unpartitioned, {})
        report("models", 1, 1)

    def _copy_is_behind(self) -> bool:
        """Whether the readers' copy is missing or older than the warehouse, as after a kill."""
        copy, warehouse = self._settings.published_path, Path(self._settings.warehouse_uri)
        if not warehouse.exists():
            return False
        return not copy.exists() or copy.stat().st_mtime_ns < warehouse.stat().st_mtime_ns

    def _model_keys(self) -> tuple[list[dg.AssetKey], list[dg.AssetKey]]:
        graph = self._job.asset_layer.asset_graph
        models = [
            key
            for key in graph.get_all_asset_keys()
            if key.path[0] in ("cosmetics", "ops")
            and key.path[1] in ("staging", "intermediate", "marts")
        ]
        monthly = [key for key in models if graph.get(key).is_partitioned]
        return monthly, [key for key in models if key not in monthly]

    def run(
        self, keys: list[dg.AssetKey], tags: dict[str, str], partition_key: str | None = None
    ) -> str | None:
        """Run assets in this process; gives the failure's text, None when all went well."""
        process = f"{socket.gethostname()}:{os.getpid()}"
        with _quiet_dagster(self.log):
            result = self._job.execute_in_process(
                instance=self.instance,
                asset_selection=keys,
                partition_key=partition_key,
                tags={**tags, PROCESS_TAG: process},
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        return None if result.success else failure_text(result.all_events)


def contiguous(months: Sequence[date]) -> list[tuple[date, date]]:
    """The ranges, first and last month included, that ascending months fall into."""
    ranges: list[tuple[date, date]] = []
    for month in months:
        if ranges and next_month(ranges[-1][1]) == month:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
    return ranges


def failure_text(events: Sequence[dg.DagsterEvent]) -> str:
    """What a run's failure says to the user: our own text, or the innermost error's."""
    for event in events:
        if event.is_step_failure:
            data = event.step_failure_data
            if data.user_failure_data and data.user_failure_data.description:
                return _short(str(data.user_failure_data.description))
            error = data.error
            while error and error.cause:
                error = error.cause
            if error:
                return _short(error.message.strip())
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    broken = [f"{c.asset_key.to_user_string()}: {c.check_name}" for c in checks if not c.passed]
    return "failed checks: " + ", ".join(broken) if broken else "the run failed; see its log"


def _short(text: str) -> str:
    """Of dbt's failure, the part that names the model or test; of others, everything."""
    return text.partition("Errors parsed from dbt logs:")[2].strip() or text


def close_orphans(instance: dg.DagsterInstance) -> int:
    """Report runs of this host whose process was killed as failed; gives their number.

    Without it a killed command would show as running for ever, and hold its pool's slot.
    """
    closed = 0
    open_runs = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
    for run in instance.get_runs(filters=open_runs):
        host, _, pid = run.tags.get(PROCESS_TAG, "").rpartition(":")
        if host == socket.gethostname() and pid.isdigit() and not process_alive(int(pid)):
            instance.report_run_failed(run, "the process of this run was killed")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            closed += 1
    return closed


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other commands out for the block: two that make Dagster's tables at once would fail."""
    with (home / ".opening").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # goes with the handle, also when the process is killed
        yield


@contextmanager
def _quiet_dagster(log: Path) -> Iterator[None]:
    """Keep the lines of Dagster and dbt off the terminal; dbt's go to a file."""
    logger = logging.getLogger("dagster")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("a", encoding="utf-8") as handle, redirect_stdout(handle):
            yield
    finally:
        logger.setLevel(level)
