"""The monthly schedule of the cosmetics domain.

Belongs here: when it ticks and what it asks for. Stays out: which month is due
(`lib/automation/decisions.py`).
"""

from datetime import UTC, date

import dagster as dg

from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.loading.jobs import job_name, loading_months
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.automation.decisions import newest_month_due
from ecommerce_assets.lib.months import MONTH_FORMAT

(EVENTS,) = DOMAINS["cosmetics"].tables
NAME = "load_newest_cosmetics_month"


@dg.schedule(
    name=NAME,
    job_name=job_name(EVENTS),
    # A month's file is delivered on the day after its end.
    cron_schedule="0 6 2 * *",
    execution_timezone="UTC",
    default_status=schedule_status(NAME),
    description=AUTOMATIONS[NAME].does,
)
def load_newest_cosmetics_month(
    context: dg.ScheduleEvaluationContext, lakehouse: Lakehouse
) -> dg.RunRequest | dg.SkipReason:
    """Ask for the newest month that is due. One that its source lacks fails and says so."""
    # In the lake, and seen by the raw table: a load that broke off between the two is not done.
    shown = context.instance.get_materialized_partitions(key_of(EVENTS.contract, "raw"))
    published = lakehouse.lake.months(EVENTS.domain, EVENTS.name)
    now = context.scheduled_execution_time.astimezone(UTC)
    month, reason = newest_month_due(
        lakehouse.settings.months_of(EVENTS.domain),
        now.date(),
        loaded=set(published) & {date.fromisoformat(key) for key in shown},
        in_flight=loading_months(context.instance, EVENTS),
    )
    if month is None:
        return dg.SkipReason(reason)
    context.log.info(reason)
    key = f"{month:{MONTH_FORMAT}}"
    return dg.RunRequest(run_key=f"{key} due {now:%Y-%m-%d}", partition_key=key)
