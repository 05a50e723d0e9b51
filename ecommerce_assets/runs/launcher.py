"""Dagster's default launcher, which also knows whether a run's process is still there.

Belongs here: that answer, for Dagster's own monitoring of runs. Stays out: starting runs, and
judging processes (`lib/processes.py`).
"""

from __future__ import annotations

from typing import Any

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher

from ecommerce_assets.lib.processes import Life, life_of
from ecommerce_assets.runs.processes import KILLED
from ecommerce_assets.runs.tags import PROCESS_TAG


class WatchedRunLauncher(DefaultRunLauncher):
    """Runs in processes of the code server; a run whose process is gone is reported as failed."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Makes Dagster's daemon ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Whether a started run is still at work; where that cannot be known, it is."""
        life = life_of(run.tags.get(PROCESS_TAG, ""))
        if life is Life.GONE:
            return CheckRunHealthResult(WorkerStatus.FAILED, KILLED)
        if life is Life.ELSEWHERE and self._is_unknown_to_its_server(run.run_id):
            return CheckRunHealthResult(WorkerStatus.FAILED, KILLED)
        return CheckRunHealthResult(WorkerStatus.RUNNING)

    def _is_unknown_to_its_server(self, run_id: str) -> bool:
        """Whether the code server that started a run answers, and runs it no more.

        The server may stand in another container than the daemon, which sees no process of it.
        """
        from dagster._core.errors import DagsterUserCodeUnreachableError
        from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
        from dagster_shared.serdes import deserialize_value

        client: Any = self._get_grpc_client_for_termination(run_id)  # type: ignore[no-untyped-call]
        if client is None:
            return False
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run_id))
        except DagsterUserCodeUnreachableError:
            return False
        return not deserialize_value(answer, CanCancelExecutionResult).can_cancel
