"""The sensor that reports failed runs and failed checks.

Belongs here: which runs ended since the last look, and what an alert on one of them says. Stays
out: wording of messages, sending and bounds (`lib/automation/alerts.py`).
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

import dagster as dg
from pydantic import SecretStr

from ecommerce_assets.defs.ops.automations import AUTOMATIONS, sensor_status
from ecommerce_assets.defs.shared.in_flight import months_of_run
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import all_settings
from ecommerce_assets.lib.automation.alerts import Alert, deliver, masked, shortened
from ecommerce_assets.runs.failures import failure_text
from ecommerce_assets.runs.processes import close_orphans
from ecommerce_assets.settings import Settings

NAME = "send_alerts"
#: Ended runs of either kind that one tick reads at most.
MAX_RUNS_A_TICK = 100
Ended = Literal[dg.DagsterEventType.RUN_FAILURE, dg.DagsterEventType.RUN_SUCCESS]
FAILED: Ended = dg.DagsterEventType.RUN_FAILURE
ENDED_WELL: Ended = dg.DagsterEventType.RUN_SUCCESS
#: Characters of one figure of a failed check.
MAX_FIGURE = 300


@dataclass(frozen=True)
class AlertCursor:
    """Up to which events runs were reported, and what an address has got beyond that."""

    failed: int
    ended_well: int
    delivered: dict[str, list[str]] = field(default_factory=dict)


@dg.sensor(
    name=NAME,
    minimum_interval_seconds=60,
    default_status=sensor_status(NAME),
    description=AUTOMATIONS[NAME].does,
)
def send_alerts(context: dg.SensorEvaluationContext, lakehouse: Lakehouse) -> dg.SensorResult:
    """Report runs that failed and checks that failed since the last tick.

    Raises:
        dagster.Failure: no address got anything new, and one could not be reached. The cursor
            stays, so the next tick tries again.
    """
    settings, instance = lakehouse.settings, context.instance
    urls = settings.alert_urls
    if urls is None or context.cursor is None:
        reason = "no address is set (ECOMMERCE_ALERT_URLS)" if urls is None else "the first look"
        return _skip(f"{reason}: what happened before is not reported", _now(instance))
    close_orphans(instance)  # a killed command is a failure, too
    before = AlertCursor(**json.loads(context.cursor))
    failed = _ended(instance, FAILED, before.failed)
    well = _ended(instance, ENDED_WELL, before.ended_well)
    secrets = secret_values(settings)
    alerts = [
        Alert(alert.key, masked(alert.headline, secrets), masked(alert.text, secrets))
        for _, alert in sorted(_alerts(instance, [*failed, *well], settings.alert_warnings))
    ]
    after = AlertCursor(
        failed=failed[-1].storage_id if failed else before.failed,
        ended_well=well[-1].storage_id if well else before.ended_well,
    )
    got, unreached = deliver(alerts, settings.env, urls.get_secret_value(), before.delivered)
    if not unreached:
        return _skip(f"{len(alerts)} alerts sent" if alerts else "nothing failed", after)
    trouble = (
        f"of {len(alerts)} alerts some were not delivered; not reached: address "
        f"{', address '.join(unreached)} of ECOMMERCE_ALERT_URLS — what to do: check these "
        "addresses and the way to them; the next tick tries again"
    )
    context.log.error(trouble)
    if got == before.delivered or not any(got.values()):
        raise dg.Failure(description=trouble)
    # What the others have got is remembered, so that they do not get it at every tick.
    return _skip(trouble, AlertCursor(before.failed, before.ended_well, got))


def secret_values(settings: Settings) -> list[str]:
    """The texts that no message may hold: secret settings, each address among them."""
    values = [setting.value for setting in all_settings(settings)]
    texts = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    parts = [part for text in texts for part in text.replace(",", " ").split()]
    # `kind://user:password@host`, whatever else the address is made of.
    found = (re.match(r"[^/]+://[^/@:]*:([^/@]+)@", part) for part in parts)
    return [*texts, *parts, *(match[1] for match in found if match)]


def _skip(reason: str, cursor: AlertCursor) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=reason, cursor=json.dumps(asdict(cursor)))


def _now(instance: dg.DagsterInstance) -> AlertCursor:
    failed, well = (
        instance.fetch_run_status_changes(kind, limit=1).records for kind in (FAILED, ENDED_WELL)
    )
    return AlertCursor(
        failed=failed[0].storage_id if failed else 0, ended_well=well[0].storage_id if well else 0
    )


def _ended(instance: dg.DagsterInstance, kind: Ended, after: int) -> Sequence[dg.EventLogRecord]:
    wanted = dg.RunStatusChangeRecordsFilter(event_type=kind, after_storage_id=after)
    return instance.fetch_run_status_changes(wanted, MAX_RUNS_A_TICK, ascending=True).records


def _alerts(
    instance: dg.DagsterInstance, records: Sequence[dg.EventLogRecord], warnings: bool
) -> Iterator[tuple[float, Alert]]:
    """An alert for each run that has something to report, with the time of the run's end."""
    for record in records:
        run = instance.get_run_by_id(record.run_id)
        if run is None:
            continue  # deleted since
        alert = alert_on(instance, run, warnings=warnings)
        if alert:
            yield record.timestamp, alert


def alert_on(
    instance: dg.DagsterInstance, run: dg.DagsterRun, *, warnings: bool = False
) -> Alert | None:
    """What there is to report of an ended run; None where all is well.

    Args:
        instance: has the run's events.
        run: the run.
        warnings: report a run whose checks only warn, too.
    """
    kinds = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    }
    logs = instance.all_logs(run.run_id, of_type=kinds)
    events = [entry.dagster_event for entry in logs if entry.dagster_event]
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    broken = [check for check in checks if not check.passed]
    errors = [check for check in broken if check.severity is dg.AssetCheckSeverity.ERROR]
    failed = run.status is dg.DagsterRunStatus.FAILURE
    if not (failed or errors or (warnings and broken)):
        return None
    what = "failed" if failed else f"{len(errors or broken)} checks failed"
    lines = [f"what happened: {_reason(events)}"] if failed else []
    lines += [_check_line(check) for check in broken]
    if not any("what to do" in line for line in lines):
        lines.append(
            "what to do: open the run in the UI, fix the cause, and materialise these partitions "
            "again"
        )
    if run.tags.get("dagster/will_retry") == "true":
        lines.append("Dagster starts the run again by itself.")
    lines.append(f"run {run.run_id}")
    return Alert(run.run_id, f"{_where(run)} {what}", "\n".join(lines))


def _reason(events: Sequence[dg.DagsterEvent]) -> str:
    ends = [each for each in events if each.event_type is dg.DagsterEventType.RUN_FAILURE]
    if len(ends) == len(events) and ends and ends[-1].message:
        return ends[-1].message  # no step failed: the process was killed, or never started
    return failure_text(events)


def _check_line(check: dg.AssetCheckEvaluation) -> str:
    mark = "" if check.severity is dg.AssetCheckSeverity.ERROR else "(warning) "
    place = f", {check.partition}" if check.partition else ""
    figures = "; ".join(
        f"{name}: {shortened(str(value.value), MAX_FIGURE)}"
        for name, value in check.metadata.items()
        if value.value not in (None, "")
    )
    told = " — ".join(text for text in (check.description, figures) if text)
    name = f"{check.asset_key.to_user_string()}: {check.check_name}{place}"
    return f"{mark}check failed: {name}" + (f" — {told}" if told else "")


def _where(run: dg.DagsterRun) -> str:
    """The run's job or assets, and its months."""
    keys = sorted(key.to_user_string() for key in run.asset_selection or ())
    shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
    months = months_of_run(run)
    span = "" if not months else f" {months[0]:%Y-%m}"
    span += f" to {months[-1]:%Y-%m}" if len(months) > 1 else ""
    hidden = run.job_name.startswith("__")  # Dagster's own job for any assets
    return (shown if hidden and shown else run.job_name) + span
