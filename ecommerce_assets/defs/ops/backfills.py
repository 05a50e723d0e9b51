"""Backfills from the UI: the jobs that go from files to the readers' copy, and what follows others.

Belongs here: a job per domain that does what `ecommerce backfill` does, one that builds what loaded
months made due, and the sensor that starts the second one when a backfill over partitions has
ended. Stays out: doing it (`running/runner.py`), and which months are due (`freshness.py`).

A backfill over partitions ends where Dagster's graph of its selection ends, and one failed month
keeps everything over all months from being built. So what follows is a run of its own, once for all
months, and not a part of the backfill.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from ecommerce_assets.defs.loading.jobs import job_name
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.shared.failures import as_dagster_failure
from ecommerce_assets.defs.shared.in_flight import months_of_run
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.lake.ledger import newest_failures
from ecommerce_assets.lib.lake.slices import Month, published_months
from ecommerce_assets.month_settings import parse_month
from ecommerce_assets.running.runner import Opened, Runner
from ecommerce_assets.runs.processes import NOT_FINISHED

SENSOR = "finish_backfills"
BACKFILL_TAG = "dagster/backfill"
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
#: Backfills that ended before are left alone when the sensor looks for the first time.
FIRST_LOOK = timedelta(days=1)
#: Backfills that are looked at to see whether one is under way.
NEWEST_BACKFILLS = 50


class ChosenMonths(dg.Config):
    """The months of a backfill; without them all months of the domain."""

    first: str = Field(default="", description="First month, e.g. 2019-10; default: the domain's.")
    last: str = Field(default="", description="Last month, e.g. 2020-02; default: the domain's.")
    force: bool = Field(default=False, description="Build models that are up to date, too.")


class LoadedMonths(dg.Config):
    """The months that a backfill over partitions was started for."""

    months: list[str] = Field(description="First days of months, e.g. 2019-10-01.")


def backfill_job(domain: Domain) -> dg.JobDefinition:
    """The job that takes chosen months of a domain from their files to the readers' copy."""

    @dg.op(name=f"files_to_marts_of_{domain.name}")
    def everything(
        context: dg.OpExecutionContext, config: ChosenMonths, lakehouse: Lakehouse
    ) -> None:
        """Load months that are new or changed, then build once what they made due."""
        with as_dagster_failure():
            months = chosen(domain, domain.months(lakehouse.settings), config.first, config.last)
            outcome = _runner(context, lakehouse).backfill(
                domain,
                months,
                _log_progress(context),
                force_models=config.force,
                command=f"job {context.job_name}",
            )
            context.add_output_metadata(
                {
                    "months loaded": _named(outcome.loaded),
                    "months of models built": _named(outcome.models_built),
                    "months that failed": _named(outcome.failed),
                }
            )
            if not outcome.ok:
                raise PermanentFailure(
                    str(outcome.words),
                    "see each month's own run for its cause; the other months are built",
                )

    @dg.job(
        name=f"backfill_{domain.name}",
        description=(
            f"What `ecommerce backfill {domain.name}` does: loads the chosen months from their "
            "files, then builds once the models, the truths and the readers' copy. A month that "
            "fails holds the others up in nothing. In the Launchpad: first and last month."
        ),
    )
    def job() -> None:
        everything()

    return job


def finish_job(domain: Domain) -> dg.JobDefinition:
    """The job that builds what a backfill over partitions left to do."""

    @dg.op(name=f"models_to_copy_of_{domain.name}")
    def rest(context: dg.OpExecutionContext, config: LoadedMonths, lakehouse: Lakehouse) -> None:
        """Build once what the months made due: models, truths and the readers' copy."""
        with as_dagster_failure():
            months = [parse_month(text) for text in config.months]
            followed = _runner(context, lakehouse).follow(domain, months, _log_progress(context))
            missing = missing_months(lakehouse, domain, months)
            for month, why in missing.items():
                context.log.warning(f"{month:%Y-%m} is not in the marts as it should be: {why}")
            context.add_output_metadata(
                {
                    "months of models built": _named(followed.months),
                    "months missing": _named(missing),
                    **{f"{month:%Y-%m}": why for month, why in missing.items()},
                }
            )
            if followed.failure:
                raise PermanentFailure(
                    f"the models failed: {followed.failure}",
                    f"see the run that this one started, then: ecommerce backfill {domain.name}",
                )

    @dg.job(
        name=f"finish_{domain.name}",
        description=(
            "Builds once what a backfill over partitions left to do: models that are due, those "
            f"over all months, the truths and the readers' copy. `{SENSOR}` starts it."
        ),
    )
    def job() -> None:
        rest()

    return job


def chosen(domain: Domain, months: list[date], first: str, last: str) -> list[date]:
    """The months from `first` to `last`; an empty text stands for the domain's own end.

    Raises:
        PermanentFailure: a text is not a month, or not one of the domain's, or the first comes
            after the last.
    """
    try:
        start = parse_month(first) if first else months[0]
        end = parse_month(last) if last else months[-1]
    except ValueError as error:
        raise PermanentFailure(str(error), "write months as 2019-10 in the Launchpad") from error
    if end < start:
        raise PermanentFailure(
            f"the first month {start:%Y-%m} is after the last, {end:%Y-%m}",
            "give the earlier month as `first`",
        )
    outside = [f"{month:%Y-%m}" for month in (start, end) if month not in months]
    if outside:
        raise PermanentFailure(
            f"{domain.name} has the months {months[0]:%Y-%m} to {months[-1]:%Y-%m}; asked for "
            f"{' and '.join(outside)}",
            f"widen {domain.months_setting} if your shop has more, and restart the UI",
        )
    return [month for month in months if start <= month <= end]


def missing_months(
    lakehouse: Lakehouse, domain: Domain, months: Collection[date]
) -> dict[date, str]:
    """Why months are not as they should be, for those that are not: by lake and ledger."""
    primary = domain.primary(lakehouse.settings)
    there = set(published_months(lakehouse.lake, primary.domain, primary.name))
    reasons = {month: "it is not loaded" for month in sorted(months) if month not in there}
    rows, wanted = lakehouse.ledger.rows(), {Month(month) for month in months}
    for row in newest_failures([row for row in rows if row.dataset in domain.datasets]):
        if row.key in wanted:
            reasons[row.first_day] = f"{row.dataset}, {row.step}: {row.reason or row.status}"
    return reasons


def _runner(context: dg.OpExecutionContext, lakehouse: Lakehouse) -> Runner:
    job = context.repository_def.get_implicit_global_asset_job_def()
    opened = Opened(context.instance, job, run_id=context.run_id)
    return Runner(lakehouse.settings, opened, context.log.warning)


def _log_progress(context: dg.OpExecutionContext) -> Any:
    return lambda step, done, total: context.log.info(f"{step}: {done} of {total}")


def _named(months: Iterable[date]) -> str:
    return ", ".join(f"{month:%Y-%m}" for month in sorted(months)) or "none"


@dataclass(frozen=True)
class Ended:
    """What backfills over partitions did for a domain: months, and the newest of their runs."""

    months: set[date]
    run_id: str


def domain_of_run(run: dg.DagsterRun) -> str | None:
    """The domain whose assets a run loads or builds; None where it is not a domain's."""
    for key in sorted(run.asset_selection or ()):
        if key.path[0] in DOMAINS:
            return key.path[0]
    for domain in DOMAINS.values():
        own = {f"backfill_{domain.name}", f"finish_{domain.name}"}
        if run.job_name in own | {job_name(table) for table in domain.tables}:
            return domain.name
    return None


def ended_backfills(records: Iterable[dg.RunRecord]) -> dict[str, Ended]:
    """What finished runs of backfills over partitions did, by domain.

    Args:
        records: of finished runs, oldest first.
    """
    found: dict[str, Ended] = {}
    for record in records:
        run = record.dagster_run
        name = domain_of_run(run) if BACKFILL_TAG in run.tags else None
        if name:
            before = found[name].months if name in found else set()
            found[name] = Ended(before | set(months_of_run(run)), run.run_id)
    return found


BACKFILL_JOBS = {name: backfill_job(domain) for name, domain in DOMAINS.items()}
FINISH_JOBS = {name: finish_job(domain) for name, domain in DOMAINS.items()}


@dg.sensor(
    name=SENSOR,
    jobs=list(FINISH_JOBS.values()),
    minimum_interval_seconds=30,
    default_status=sensor_status(SENSOR),
    description=AUTOMATIONS[SENSOR].does,
)
def finish_backfills(
    context: dg.SensorEvaluationContext, lakehouse: Lakehouse
) -> dg.SensorResult | dg.SkipReason:
    """Ask for what follows when every run of a domain's backfills has ended."""
    instance = context.instance
    since = (
        datetime.fromisoformat(context.cursor) if context.cursor else datetime.now(UTC) - FIRST_LOOK
    )
    records = instance.get_run_records(
        dg.RunsFilter(statuses=FINISHED, updated_after=since),
        order_by="update_timestamp",
        ascending=True,
    )
    ended = ended_backfills(records)
    if not ended:
        return dg.SensorResult(skip_reason="no backfill has ended", cursor=context.cursor)
    going_on = [
        each.backfill_id
        for each in instance.get_backfills(limit=NEWEST_BACKFILLS)
        if each.status.name in ("REQUESTED", "CANCELING", "FAILING")
    ]
    running = {
        domain_of_run(run) for run in instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED))
    }
    if going_on or running & ended.keys():
        return dg.SkipReason("a backfill or one of its runs is under way")
    requests = []
    for name, what in ended.items():
        months = sorted(what.months & set(DOMAINS[name].months(lakehouse.settings)))
        config = {"months": [f"{month}" for month in months]}
        requests.append(
            dg.RunRequest(
                run_key=f"{name} after {what.run_id}",
                job_name=f"finish_{name}",
                run_config={"ops": {f"models_to_copy_of_{name}": {"config": config}}},
            )
        )
    newest = records[-1].update_timestamp
    return dg.SensorResult(run_requests=requests, cursor=newest.isoformat())


@dg.definitions
def definitions() -> dg.Definitions:
    """Both jobs of every domain, and the sensor."""
    jobs = [*BACKFILL_JOBS.values(), *FINISH_JOBS.values()]
    return dg.Definitions(jobs=jobs, sensors=[finish_backfills])
