"""The sensors on what the sources of the cosmetics domain offer: landing folder and Kaggle.

Belongs here: asking the source, and handing the decision to Dagster. Stays out: the decision
(`lib/automation.py`) and how a source is asked (`lib/sources/`).
"""

from datetime import date

import dagster as dg

from ecommerce_assets.defs.cosmetics.jobs import LOAD, loaded_versions, loading_months
from ecommerce_assets.defs.platform.automation import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.platform.resources import Lakehouse
from ecommerce_assets.domains.cosmetics.source import cosmetics_source
from ecommerce_assets.lib.automation import Cursor, Decision, changed, decide
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.partitions import MONTH_FORMAT, cosmetics_months

LANDING, KAGGLE = "cosmetics_landing_folder", "cosmetics_kaggle_version"
#: Runs that one tick asks for at most; the other months follow at the next ticks.
MAX_REQUESTS_A_TICK = 3


@dg.sensor(
    name=LANDING,
    job_name=LOAD,
    minimum_interval_seconds=60,
    default_status=sensor_status(LANDING),
    description=AUTOMATIONS[LANDING].does,
)
def cosmetics_landing_folder(
    context: dg.SensorEvaluationContext, lakehouse: Lakehouse
) -> dg.SensorResult | dg.SkipReason:
    """Ask for months whose file in the landing folder is new or changed, and at rest."""
    return _look(context, lakehouse, "files", settles=True)


@dg.sensor(
    name=KAGGLE,
    job_name=LOAD,
    minimum_interval_seconds=1800,
    default_status=sensor_status(KAGGLE),
    description=AUTOMATIONS[KAGGLE].does,
)
def cosmetics_kaggle_version(
    context: dg.SensorEvaluationContext, lakehouse: Lakehouse
) -> dg.SensorResult | dg.SkipReason:
    """Ask for the months of a new version of the data set."""
    return _look(context, lakehouse, "kaggle", settles=False)


def _look(
    context: dg.SensorEvaluationContext, lakehouse: Lakehouse, kind: str, *, settles: bool
) -> dg.SensorResult | dg.SkipReason:
    """One look at the source.

    Raises:
        PermanentFailure: the source refuses; the tick fails, and the cursor stays.
    """
    from ecommerce_assets.lib.sources.files import LandingFolder

    settings = lakehouse.settings
    chosen = settings.source_of("cosmetics")
    if chosen != kind:
        return dg.SkipReason(
            f"the source of the cosmetics domain is {chosen}, not {kind}; to let this sensor look, "
            f"set ECOMMERCE_COSMETICS_SOURCE={kind}"
        )
    source = cosmetics_source(settings)
    try:
        offered = {m: f"{kind}:{file.version}" for m, file in source.available().items()}
    except TransientFailure as failure:
        return dg.SkipReason(str(failure))
    for problem in source.problems() if isinstance(source, LandingFolder) else ():
        context.log.warning(problem)
    cursor, months = Cursor.read(context.cursor), cosmetics_months()
    # The ledger is many small files: read only where there is something to decide.
    news = changed(offered, cursor, months)
    decision = decide(
        offered,
        cursor,
        months=months,
        loaded=loaded_versions(lakehouse) if news else {},
        in_flight=loading_months(context.instance) if news else (),
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
