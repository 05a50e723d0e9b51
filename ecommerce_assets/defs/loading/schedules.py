"""Schedules that load the newest month of a source table.

Belongs here: the schedule, and what it asks for. Stays out: which tables have one, and when it
ticks (`domains/<domain>/`), which month is due (`lib/automation/decisions.py`).
"""

from datetime import UTC, date

import dagster as dg

from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.loading.jobs import job_name, loading_months
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import Domain, SourceTable
from ecommerce_assets.lib.automation.decisions import newest_month_due
from ecommerce_assets.lib.lake.slices import published_months
from ecommerce_assets.lib.months import MONTH_FORMAT


def due_schedule(domain: Domain, table: SourceTable) -> dg.ScheduleDefinition:
    """The schedule of a table's newest month.

    Args:
        domain: whose months they are.
        table: has the schedule as `due`.
    """
    due = table.due
    assert due is not None  # noqa: S101 - only tables with a schedule are asked for one

    @dg.schedule(
        name=due.name,
        job_name=job_name(table),
        cron_schedule=due.cron,
        execution_timezone="UTC",
        default_status=schedule_status(due.name),
        description=AUTOMATIONS[due.name].does,
    )
    def schedule(
        context: dg.ScheduleEvaluationContext, lakehouse: Lakehouse
    ) -> dg.RunRequest | dg.SkipReason:
        """Ask for the newest month that is due. One that its source lacks fails and says so."""
        # In the lake, and seen by the raw table: a load that broke off between is not done.
        shown = context.instance.get_materialized_partitions(key_of(table.contract, "raw"))
        published = published_months(lakehouse.lake, table.domain, table.name)
        now = context.scheduled_execution_time.astimezone(UTC)
        month, reason = newest_month_due(
            domain.months(lakehouse.settings),
            now.date(),
            loaded=set(published) & {date.fromisoformat(key) for key in shown},
            in_flight=loading_months(context.instance, table),
            months_setting=domain.months_setting,
        )
        if month is None:
            return dg.SkipReason(reason)
        context.log.info(reason)
        key = f"{month:{MONTH_FORMAT}}"
        return dg.RunRequest(run_key=f"{key} due {now:%Y-%m-%d}", partition_key=key)

    made: dg.ScheduleDefinition = schedule
    return made
