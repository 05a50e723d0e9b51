"""Sensors on what sources offer: the landing folder, Kaggle, and any other that lists versions.

Belongs here: asking the source, and handing the decision to Dagster. Stays out: the decision
(`lib/automation/decisions.py`), how a source is asked (`lib/sources/`), which sensors there are
(`defs/<domain>/sensors.py`).
"""

from collections.abc import Callable
from datetime import date

import dagster as dg

from ecommerce_assets.defs.loading.jobs import job_name, loaded_versions, loading_months
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import SourceTable
from ecommerce_assets.lib.automation.decisions import Cursor, Decision, changed, decide
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.months import MONTH_FORMAT

#: Runs that one tick asks for at most; the other months follow at the next ticks.
MAX_REQUESTS_A_TICK = 3
_Look = Callable[[dg.SensorEvaluationContext, Lakehouse], dg.SensorResult | dg.SkipReason]


def landing_sensor(table: SourceTable) -> dg.SensorDefinition:
    """Asks for months whose file in the landing folder is new or changed, and at rest."""
    return _sensor(
        table,
        f"{table.domain}_landing_folder",
        60,
        lambda context, lakehouse: _look_if_chosen(
            context, lakehouse, table, "files", settles=True
        ),
    )


def kaggle_sensor(table: SourceTable) -> dg.SensorDefinition:
    """Asks for the months of a new version of the data set."""
    return _sensor(
        table,
        f"{table.domain}_kaggle_version",
        1800,
        lambda context, lakehouse: _look_if_chosen(
            context, lakehouse, table, "kaggle", settles=False
        ),
    )


def own_sensor(table: SourceTable, name: str, kind: str, *, every_s: int) -> dg.SensorDefinition:
    """Asks for months that changed at a source that only this table has.

    Args:
        table: whose source it is.
        name: of the sensor.
        kind: of the source.
        every_s: seconds between two looks.
    """

    def changes(
        context: dg.SensorEvaluationContext, lakehouse: Lakehouse
    ) -> dg.SensorResult | dg.SkipReason:
        absent = table.why_absent(lakehouse.settings)
        if absent:
            return dg.SkipReason(f"{table.contract.dataset} has no source: {absent}")
        return look(context, lakehouse, table, kind, settles=False)

    return _sensor(table, name, every_s, changes)


def _sensor(table: SourceTable, name: str, every_s: int, evaluate: _Look) -> dg.SensorDefinition:
    """A sensor of the map that starts the table's job."""

    @dg.sensor(
        name=name,
        job_name=job_name(table),
        minimum_interval_seconds=every_s,
        default_status=sensor_status(name),
        description=AUTOMATIONS[name].does,
    )
    def sensor(
        context: dg.SensorEvaluationContext, lakehouse: Lakehouse
    ) -> dg.SensorResult | dg.SkipReason:
        return evaluate(context, lakehouse)

    return sensor


def _look_if_chosen(
    context: dg.SensorEvaluationContext,
    lakehouse: Lakehouse,
    table: SourceTable,
    kind: str,
    *,
    settles: bool,
) -> dg.SensorResult | dg.SkipReason:
    settings = lakehouse.settings
    chosen = settings.source_of(table.domain)
    if chosen != kind:
        return dg.SkipReason(
            f"the source of the {table.domain} domain is {chosen}, not {kind}; to let this sensor "
            f"look, set ECOMMERCE_{table.domain.upper()}_SOURCE={kind}"
        )
    return look(context, lakehouse, table, kind, settles=settles)


def look(
    context: dg.SensorEvaluationContext,
    lakehouse: Lakehouse,
    table: SourceTable,
    kind: str,
    *,
    settles: bool,
) -> dg.SensorResult | dg.SkipReason:
    """One look at what a table's source offers.

    Args:
        context: has the cursor.
        lakehouse: has the ledger.
        table: whose source is asked.
        kind: the source's, part of the versions in the ledger.
        settles: whether a file counts only when two looks found the same version.

    Raises:
        PermanentFailure: the source refuses; the tick fails, and the cursor stays.
    """
    from ecommerce_assets.lib.sources.landing import LandingFolder

    settings = lakehouse.settings
    source = table.source(settings)
    try:
        offered = {m: f"{kind}:{file.version}" for m, file in source.available().items()}
    except TransientFailure as failure:
        return dg.SkipReason(str(failure))
    for problem in source.problems() if isinstance(source, LandingFolder) else ():
        context.log.warning(problem)
    cursor, months = Cursor.read(context.cursor), settings.months_of(table.domain)
    # The ledger is many small files: read only where there is something to decide.
    news = changed(offered, cursor, months)
    decision = decide(
        offered,
        cursor,
        months=months,
        loaded=loaded_versions(lakehouse, table.contract) if news else {},
        in_flight=loading_months(context.instance, table) if news else (),
        limit=MAX_REQUESTS_A_TICK,
        settles=settles,
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
