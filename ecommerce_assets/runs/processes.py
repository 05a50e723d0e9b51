"""Dagster's runs and the processes that make them: closing dead ones, waiting for live ones.

Belongs here: what every start of a command, of the UI and of a run does about the runs of others.
Stays out: whether a process lives (`lib/processes.py`), which months runs work on (`in_flight.py`).

Dagster notices none of this by itself with its default launcher: a run whose process was killed
stays `started` for ever and holds its pool's slot, and a run that needs the slot waits in a loop
that neither says so nor ends, not even by SIGTERM.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.processes import OWNER, OWNER_HOME, Life, life_of, number_of
from ecommerce_assets.runs.tags import PROCESS_TAG

NOT_FINISHED = [
    status
    for status in dg.DagsterRunStatus
    if status
    not in (
        dg.DagsterRunStatus.SUCCESS,
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.CANCELED,
    )
]
KILLED = "the process of this run was killed"
#: Seconds that a process which was left behind has to end by itself.
GRACE_S = 10.0
#: Seconds between two looks at who holds a slot.
LOOK_S = 1.0

Say = Callable[[str], None]


class StillRunning(TransientFailure):
    """Another run did not let the warehouse go in time."""


def close_orphans(instance: dg.DagsterInstance) -> int:
    """Close the runs whose process is gone, and free their slots; returns their number.

    Runs of other machines and containers are left alone: they cannot be seen from here.
    """
    closed = 0
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=NOT_FINISHED)):
        if life_of(run.tags.get(PROCESS_TAG, "")) is not Life.GONE:
            continue
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, KILLED)
        else:
            instance.report_run_failed(run, KILLED)
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        closed += 1
    return closed


def end_left_processes(folder: Path, say: Say, grace_s: float = GRACE_S) -> int:
    """End processes that a killed run of this lakehouse left behind; returns their number.

    A dbt that goes on alone holds the warehouse, and what it writes belongs to no run any more.

    Args:
        folder: the home of the lakehouse, as the processes know it.
        say: told of each.
        grace_s: seconds that they have to end by themselves.
    """
    import psutil

    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            variables = process.environ()
            if variables.get(OWNER_HOME) != str(folder):
                continue
            if life_of(variables.get(OWNER, "")) is Life.GONE:
                say(f"ending {process.name()} (process {process.pid}), which a killed run left")
                process.terminate()
                left.append(process)
    _, alive = psutil.wait_procs(left, timeout=grace_s)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=grace_s)
    return len(left)


def close_left_behind(home: Path, say: Say) -> None:
    """Do all that a start owes to what was killed before: end its processes, close its runs.

    Args:
        home: of the lakehouse; DAGSTER_HOME is set.
        say: told of each.
    """
    end_left_processes(home, say)
    with dg.DagsterInstance.get() as instance:
        if closed := close_orphans(instance):
            say(f"closed {closed} runs whose process was killed")


@contextmanager
def waits_said_and_bounded(
    instance: dg.DagsterInstance, say: Say, longest_s: float
) -> Iterator[None]:
    """While the block lasts, waiting for a pool's slot is told, ends with a signal, and is bounded.

    Overrides a method of Dagster's, whose version is pinned; a test holds it to this one.

    Args:
        instance: knows who holds the slot.
        say: told for which run the block waits, once for each.
        longest_s: seconds after which a step gives up.

    Raises:
        KeyboardInterrupt: in the block, where the process was told to end while it waited.
        StillRunning: in the block, where the slot did not become free in time.
    """
    from dagster._core.execution.plan.instance_concurrency_context import InstanceConcurrencyContext
    from dagster._utils.interrupts import pop_captured_interrupt

    original = InstanceConcurrencyContext.claim
    since: dict[str, float] = {}
    told: set[str] = set()
    look, holder = [0.0], [""]

    def claim(self: Any, concurrency_key: str, step_key: str, step_priority: int = 0) -> bool:
        if original(self, concurrency_key, step_key, step_priority):
            since.pop(step_key, None)
            return True
        if pop_captured_interrupt():
            raise KeyboardInterrupt
        now = time.monotonic()
        started = since.setdefault(step_key, now)
        if now >= look[0]:
            look[0] = now + LOOK_S
            # Dagster itself looks ever more rarely, down to four times a minute.
            self._pending_timeouts[step_key] = 0.0
            holder[0] = _holder(instance, concurrency_key, self._run_id)
            if holder[0] and holder[0] not in told:
                told.add(holder[0])
                say(f"waiting for {holder[0]}")
        if now - started > longest_s:
            raise StillRunning(
                f"{holder[0] or 'another run'} has held the warehouse for {longest_s:.0f} s",
                "let it end, or end it in the UI (Runs, Terminate) or by its process number; then "
                "run this again. ECOMMERCE_WAIT_FOR_RUN_S is how long a command waits",
            )
        time.sleep(0.2)
        return False

    InstanceConcurrencyContext.claim = claim  # type: ignore[method-assign]
    try:
        yield
    finally:
        InstanceConcurrencyContext.claim = original  # type: ignore[method-assign]


def _holder(instance: dg.DagsterInstance, pool: str, own: str) -> str:
    """The run that holds a pool's slot, in words; dead ones are closed on the way."""
    for run_id in instance.event_log_storage.get_concurrency_info(pool).active_run_ids - {own}:
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            instance.event_log_storage.free_concurrency_slots_for_run(run_id)
        elif life_of(run.tags.get(PROCESS_TAG, "")) is Life.GONE:
            close_orphans(instance)
        else:
            return _in_words(instance, run)
    return ""


def _in_words(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """E.g. `run 1a2b3c4d of process 4711 since 12:03:59`."""
    process = number_of(run.tags.get(PROCESS_TAG, ""))
    record = instance.get_run_record_by_id(run.run_id)
    start = record.start_time or record.create_timestamp.timestamp() if record else None
    words = f"run {run.run_id[:8]}"
    words += f" of process {process}" if process else ""
    return words + (f" since {datetime.fromtimestamp(start):%H:%M:%S}" if start else "")
