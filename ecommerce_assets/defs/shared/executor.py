"""The executor of every run: all steps in one process, which the run names.

Belongs here: what a run that the UI, a schedule or a sensor started does before its first step and
while it waits. Stays out: the same for commands (`running/runner.py`).
"""

import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster._core.definitions.executor_definition import IN_PROC_CONFIG
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor

from ecommerce_assets.lib.processes import own_process
from ecommerce_assets.runs.processes import waits_said_and_bounded
from ecommerce_assets.runs.tags import PROCESS_TAG
from ecommerce_assets.settings import load_settings

logger = logging.getLogger(__name__)


class NamedProcessExecutor(InProcessExecutor):
    """Dagster's own, in a process by whose name it is known later whether the run is alive."""

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """Run the steps."""
        instance = plan_context.instance
        instance.add_run_tags(plan_context.run_id, {PROCESS_TAG: own_process()})
        longest_s = load_settings().wait_for_run_s
        with waits_said_and_bounded(instance, logger.warning, longest_s):
            yield from super().execute(plan_context, execution_plan)


@dg.executor(name="in_process", config_schema=IN_PROC_CONFIG)
def in_process_executor(context: dg.InitExecutorContext) -> NamedProcessExecutor:
    """One process a run: a process a step costs three seconds each, and DuckDB has one writer."""
    config: Any = context.executor_config["retries"]
    return NamedProcessExecutor(retries=RetryMode.from_config(config) or RetryMode.ENABLED)
