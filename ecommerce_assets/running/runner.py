"""Materialising in this process, into the instance that the UI shows: for commands and jobs.

Belongs here: the order of the runs of a backfill. Stays out: opening the code location (`cli/`),
deciding what is due (`planning/plan.py`), what an asset does (`defs/`), what became of each month
(`outcomes.py`), what failed runs say (`runs/failures.py`) and how it is printed (`cli/app.py`).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from ecommerce_assets.connect import lake_of, warehouse_of
from ecommerce_assets.dbt.freshness import ModelWork, model_state, models_due
from ecommerce_assets.dbt.upgrade import why_all_months
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.ingest.redelivery import ACCEPT_TAG
from ecommerce_assets.lib.lake.ledger import COMMAND, LAYERS, Ledger
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.memory import MemoryWatch
from ecommerce_assets.lib.months import MONTH_FORMAT, contiguous
from ecommerce_assets.lib.processes import own_process
from ecommerce_assets.planning.loads import Offers, why_down
from ecommerce_assets.planning.plan import (
    Plan,
    make_plan,
    note_outcome,
    note_plan,
    why_copy,
)
from ecommerce_assets.planning.verdicts import verdicts_due
from ecommerce_assets.running.outcomes import Followed, LoadFailure, Outcome
from ecommerce_assets.running.plan_metadata import KEY, plan_metadata
from ecommerce_assets.runs.failures import failure_text, was_interrupted
from ecommerce_assets.runs.keys import COPY, TRUTHS
from ecommerce_assets.runs.processes import Say, waits_said_and_bounded
from ecommerce_assets.runs.tags import (
    MAX_RETRIES_TAG,
    PROCESS_TAG,
    RANGE_END_TAG,
    RANGE_START_TAG,
    STARTED_BY_TAG,
)
from ecommerce_assets.settings import Settings

#: The tag `runs` of assets that no backfill takes along: the plan itself, and what is asked for.
ON_DEMAND = "on-demand"
logger = logging.getLogger(__name__)

#: Told what a backfill does: the step's name, and how many of how many are done.
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Opened:
    """Where runs are recorded, and what they can make.

    Attributes:
        instance: Dagster's.
        job: of all assets of the code location.
        log: where the lines of Dagster and dbt go; None in a run, which has its own log.
        run_id: the run that the runner works in; None for a command.
    """

    instance: dg.DagsterInstance
    job: dg.JobDefinition
    log: Path | None = None
    run_id: str | None = None


class Runner:
    """Materialises assets of the code location in this process.

    Args:
        settings: the environment.
        opened: Dagster's instance and the job of all assets.
        say: told what a run waits for.
    """

    def __init__(self, settings: Settings, opened: Opened, say: Say = logger.warning) -> None:
        self._settings, self._say = settings, say
        self._lake = lake_of(settings)
        self._runs = 0
        self._opened = opened
        self.instance, self._job = opened.instance, opened.job

    def plan(self, domain: Domain, months: Sequence[date], *, force_models: bool = False) -> Plan:
        """What `backfill` would do; nothing is changed. Arguments as there."""
        return make_plan(self._settings, domain, self.instance, months, force=force_models)

    def backfill(
        self,
        domain: Domain,
        months: Sequence[date],
        report: Report,
        *,
        force_models: bool = False,
        command: str = COMMAND,
        started: datetime | None = None,
        accept_worse: bool = False,
    ) -> Outcome:
        """Load months from file to raw table, one run each, then build the models once.

        What is up to date is not touched. A month that fails does not hold the others up. The
        ledger keeps what was planned and estimated beside what was done.

        Args:
            domain: whose months they are.
            months: ascending.
            report: told of the progress.
            force_models: build the models of all given months, stale or not.
            command: what the ledger calls it.
            started: when the user's command began, in UTC; default: now.
            accept_worse: let a file replace a month that is better than it.
        """
        ledger, self._runs = Ledger(self._lake), 0
        started = started or datetime.now(UTC)
        with MemoryWatch() as watch:
            report("plan", 0, 1)
            plan = self.plan(domain, months, force_models=force_models)
            row = ledger.begin(domain.dataset, COMMAND, Month(months[0]), started=started)
            report("plan", 1, 1)
            outcome = Outcome(plan=plan)
            row.command = command
            with ledger.failing(row):
                self._load(plan, outcome, report, {ACCEPT_TAG: "yes"} if accept_worse else {})
                self._build_models(plan, outcome, report)
        own = [
            each
            for each in ledger.rows()
            if each.host == row.host and each.pid == row.pid and each.started_at >= row.started_at
        ]
        row.command, row.peak_mb = command, round(watch.peak_mb, 1)
        row.engine, row.runs = plan.engine, self._runs
        note_plan(row, plan)
        note_outcome(row, own, len(outcome.loaded) + len(outcome.models_built))
        ledger.finish(row, "loaded" if outcome.ok else "failed", outcome.words)
        ledger.merge()
        outcome.seconds, outcome.peak_mb = row.seconds or 0.0, watch.peak_mb
        outcome.plan_failure = self._renew_plan(plan)
        return outcome

    def _renew_plan(self, before: Plan) -> str | None:
        """Put what is due now onto the plan's asset; gives the reason where that failed.

        Without a run, whose frame would take five times as long as the plan.
        """
        try:
            silent = {name: Offers("", failure=each) for name, each in before.down.items()}
            metadata = plan_metadata(self._settings, self.instance, silent)
        except LakehouseError as error:
            return str(error)
        self.instance.report_runless_asset_event(dg.AssetMaterialization(KEY, metadata=metadata))
        return None

    def _load(self, plan: Plan, outcome: Outcome, report: Report, tags: dict[str, str]) -> None:
        """Take the plan's months from file to raw table, one run each, with these tags.

        A source that could not be asked is not asked again for every month: when the plan was made
        it had its retries, and so it has after the first month that failed.
        """
        down = {name: str(failure) for name, failure in plan.down.items()}
        ledger = Ledger(self._lake)
        for done, load in enumerate(plan.due):
            table, dataset = load.table, load.table.contract.dataset
            report(f"load {load.month:%Y-%m}", done, len(plan.due))
            if dataset in down:
                attempt = ledger.begin(dataset, LAYERS[0], load.slice_.key)
                ledger.finish(attempt, "failed", down[dataset])
                outcome.failures.append(LoadFailure(dataset, load.month, down[dataset]))
                continue
            layers = [dg.AssetKey([table.domain, layer, table.name]) for layer in LAYERS]
            failure = self.run(layers, tags, partition_key=f"{load.month:{MONTH_FORMAT}}")
            if failure is None:
                outcome.loaded.append(load.month)
                continue
            outcome.failures.append(LoadFailure(dataset, load.month, failure))
            if load.fetches and (refusal := why_down(self._settings, table)):
                down[dataset] = str(refusal)
        report("load", len(plan.due), len(plan.due))

    def _build_models(self, plan: Plan, outcome: Outcome, report: Report) -> None:
        """Build what is due now that the months are loaded; the plan asked the same function.

        A month that failed is left as it is; one that failed in a table that is only compared with
        the one that the models read holds nothing up.
        """
        primary = plan.domain.primary(self._settings).contract.dataset
        bad = {each.month for each in outcome.failures if each.dataset == primary}
        good = [month for month in plan.months if month not in bad]
        followed = self.follow(plan.domain, good, report, force=plan.force)
        outcome.models_built, outcome.models_failure = followed.months, followed.failure

    def follow(
        self, domain: Domain, months: Sequence[date], report: Report, *, force: bool = False
    ) -> Followed:
        """Build what loaded months made due: models, those over all months, truths and copy.

        Args:
            domain: whose months they are.
            months: that were loaded or found up to date.
            report: told of the progress.
            force: build the models of all given months, stale or not.
        """
        state = model_state(
            self._lake,
            warehouse_of(self._settings),
            domain,
            Ledger(self._lake).rows(domain.dataset),
        )
        all_because = why_all_months(state, warehouse_of(self._settings), domain.name)
        work = models_due(state, months, force=force, all_because=all_because)
        followed = Followed()
        monthly, unpartitioned = self._model_keys(domain)
        ranges = contiguous(work.months)
        for done, (first, last) in enumerate(ranges):
            report(f"models {first:%Y-%m} to {last:%Y-%m}", done, len(ranges) + 1)
            tags = {
                RANGE_START_TAG: f"{first:{MONTH_FORMAT}}",
                RANGE_END_TAG: f"{last:{MONTH_FORMAT}}",
            }
            followed.failure = self.run(monthly, tags)
            if followed.failure:
                return followed
            followed.months += [month for month in work.months if first <= month <= last]
        report("marts over all months", len(ranges), len(ranges) + 1)
        if work.history:
            followed.failure = self.run(unpartitioned, {})
        else:
            followed.failure = self._follow(domain, work)
        report("models", 1, 1)
        return followed

    def _follow(self, domain: Domain, work: ModelWork) -> str | None:
        """Renew what is behind although the models are not: the verdicts, the readers' copy."""
        rows = Ledger(self._lake).rows(domain.dataset)
        if verdicts_due(self._settings, self._lake, domain, rows) and (
            failure := self.run([TRUTHS], {})
        ):
            return failure
        return self.run([COPY], {}) if why_copy(self._settings, work) else None

    def model_names(self, domain: Domain) -> tuple[list[str], list[str]]:
        """Names of the assets that are built month by month, and of those built as a whole."""
        monthly, unpartitioned = self._model_keys(domain)
        return sorted(k.path[-1] for k in monthly), sorted(k.path[-1] for k in unpartitioned)

    def _model_keys(self, domain: Domain) -> tuple[list[dg.AssetKey], list[dg.AssetKey]]:
        graph = self._job.asset_layer.asset_graph
        models = [
            key
            for key in graph.get_all_asset_keys()
            if key.path[0] in (domain.name, "ops")
            and key.path[1] in ("staging", "intermediate", "marts")
            and graph.get(key).tags.get("runs") != ON_DEMAND
        ]
        monthly = [key for key in models if graph.get(key).is_partitioned]
        return monthly, [key for key in models if key not in monthly]

    def run(
        self, keys: list[dg.AssetKey], tags: dict[str, str], partition_key: str | None = None
    ) -> str | None:
        """Run assets in this process; returns the failure's text, None when all went well.

        Raises:
            KeyboardInterrupt: the process was told to end; the run is closed as cancelled.
        """
        self._runs += 1
        waits = waits_said_and_bounded(self.instance, self._say, self._settings.wait_for_run_s)
        tags = {**tags, PROCESS_TAG: own_process(), MAX_RETRIES_TAG: "0"}
        if self._opened.run_id:
            tags[STARTED_BY_TAG] = self._opened.run_id
        log = self._opened.log
        quiet = _quiet_dagster(log) if log else nullcontext()
        with quiet, waits:
            result = self._job.execute_in_process(
                instance=self.instance,
                asset_selection=keys,
                partition_key=partition_key,
                tags=tags,
                raise_on_error=False,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            )
        if not result.success and was_interrupted(result.all_events):
            self.instance.report_run_canceled(result.dagster_run, "the command was ended")
            raise KeyboardInterrupt
        return None if result.success else failure_text(result.all_events, str(self._settings.home))


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
