"""Sensors on what sources offer: the landing folder, Kaggle, and any other that lists versions.

Belongs here: asking the source, and handing the decision to Dagster. Stays out: the decision
(`lib/automation/decisions.py`), how a source is asked (`lib/sources/`), which sensors there are
(`domains/<domain>/`).
"""

from datetime import date

import dagster as dg

from ecommerce_assets.defs.loading.jobs import job_name, loaded_versions, loading_months
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.domain import Watch
from ecommerce_assets.domains.registry import Domain, SourceTable
from ecommerce_assets.lib.automation.decisions import Cursor, Decision, changed, decide
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.months import MONTH_FORMAT
from ecommerce_assets.settings import Settings

#: Runs that one tick asks for at most; the other months follow at the next ticks.
MAX_REQUESTS_A_TICK = 3


def source_sensor(domain: Domain, table: SourceTable, watch: Watch) -> dg.SensorDefinition:
    """The sensor that asks for months of a table that its source offers in another version.

    Args:
        domain: whose table it is.
        table: whose source is asked.
        watch: the sensor's name, pace and kind of source.
    """

    @dg.sensor(
        name=watch.name,
        job_name=job_name(table),
        minimum_interval_seconds=watch.every_s,
        default_status=sensor_status(watch.name),
        description=AUTOMATIONS[watch.name].does,
    )
    def sensor(
        context: dg.SensorEvaluationContext, lakehouse: Lakehouse
    ) -> dg.SensorResult | dg.SkipReason:
        settings = lakehouse.settings
        idle = _other_kind(domain, settings, watch) if watch.if_chosen else None
        absent = None if watch.if_chosen else table.why_absent(settings)
        if absent:
            idle = f"{table.contract.dataset} has no source: {absent}"
        if idle:
            return dg.SkipReason(idle)
        return look(context, lakehouse, domain, table, watch)

    return sensor


def _other_kind(domain: Domain, settings: Settings, watch: Watch) -> str | None:
    """Why a sensor does not look while another kind of source is chosen; None where it looks."""
    chosen = domain.source_kind(settings)
    if chosen == watch.kind:
        return None
    return (
        f"the source of the {domain.name} domain is {chosen}, not {watch.kind}; to let this sensor "
        f"look, set ECOMMERCE_{domain.name.upper()}_SOURCE={watch.kind}"
    )


def look(
    context: dg.SensorEvaluationContext,
    lakehouse: Lakehouse,
    domain: Domain,
    table: SourceTable,
    watch: Watch,
) -> dg.SensorResult | dg.SkipReason:
    """One look at what a table's source offers.

    Args:
        context: has the cursor.
        lakehouse: has the ledger.
        domain: whose months they are.
        table: whose source is asked.
        watch: the kind of source, and whether its files have to come to rest.

    Raises:
        PermanentFailure: the source refuses; the tick fails, and the cursor stays.
    """
    from ecommerce_assets.lib.sources.landing import LandingFolder

    settings = lakehouse.settings
    source = table.source(settings)
    try:
        offered = {m: f"{watch.kind}:{file.version}" for m, file in source.available().items()}
    except TransientFailure as failure:
        return dg.SkipReason(str(failure))
    for problem in source.problems() if isinstance(source, LandingFolder) else ():
        context.log.warning(problem)
    cursor, months = Cursor.read(context.cursor), domain.months(settings)
    # The ledger is many small files: read only where there is something to decide.
    news = changed(offered, cursor, months)
    decision = decide(
        offered,
        cursor,
        months=months,
        loaded=loaded_versions(lakehouse, table.contract) if news else {},
        in_flight=loading_months(context.instance, table) if news else (),
        limit=MAX_REQUESTS_A_TICK,
        settles=watch.settles,
    )
    return _result(context, decision, offered)


def _result(
    context: dg.SensorEvaluationContext, decision: Decision, offered: dict[date, str]
) -> dg.SensorResult:
    for month, reason in decision.waiting.items():
        context.log.info(f"{month:%Y-%m} waits: {reason}")
    requests = [
        dg.RunRequest(run_key=each.run_key, partition_key=f"{each.month:{MONTH_FORMAT}}")
        for each in decision.requests
    ]
    if requests:
        return dg.SensorResult(run_requests=requests, cursor=decision.cursor.write())
    waiting = ", ".join(f"{month:%Y-%m} ({why})" for month, why in decision.waiting.items())
    return dg.SensorResult(
        skip_reason=f"months offered: {len(offered)}, to load: none"
        + (f"; waiting: {waiting}" if waiting else ""),
        cursor=decision.cursor.write(),
    )
