"""What the failed runs of Dagster say to the user.

Belongs here: reading a run's events. Stays out: making the runs (`running/runner.py`), and who is
told of their failures (`defs/ops/alerts.py`).
"""

from collections.abc import Sequence

import dagster as dg

from ecommerce_assets.lib.failures import CURE
from ecommerce_assets.lib.machine_faults import explained_text


def failure_text(events: Sequence[dg.DagsterEvent], home: str = "") -> str:
    """What a run's failure says to the user: our own text, or the innermost error's.

    Args:
        events: of the run.
        home: the folder to name for a fault of the disk that names none.
    """
    said = _failure_text(events)
    fault = None if CURE in said else explained_text(said, home)
    return str(fault) if fault else said


def _failure_text(events: Sequence[dg.DagsterEvent]) -> str:
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
    for event in events:
        if event.event_type is dg.DagsterEventType.RUN_FAILURE and event.event_specific_data:
            error = event.job_failure_data.error
            while error and error.cause:
                error = error.cause
            if error:
                return error.message.strip().partition(f"{error.cls_name}: ")[2] or error.message
    checks = [
        event.asset_check_evaluation_data
        for event in events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    broken = [f"{c.asset_key.to_user_string()}: {c.check_name}" for c in checks if not c.passed]
    return "failed checks: " + ", ".join(broken) if broken else "the run failed; see its log"


def was_interrupted(events: Sequence[dg.DagsterEvent]) -> bool:
    """Whether a run ended because its process was told to, by a signal."""
    kinds = ("KeyboardInterrupt", "DagsterExecutionInterruptedError")
    for event in events:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        while error:
            if error.cls_name in kinds:
                return True
            error = error.cause
    return False


def _short(text: str) -> str:
    """Of dbt's failure, the part that names the model or test; of others, everything."""
    return text.partition("Errors parsed from dbt logs:")[2].strip() or text
