"""Starting things in the Dagster UI by the API that its buttons call, and waiting for their end.

Belongs here: backfills over partitions, runs of jobs, and what became of them. Stays out: the
process (`dagster_dev.py`) and the pages (`ui.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ecommerce_assets_tests.browser.dagster_dev import DagsterDev, Run, wait_for

REPOSITORY = {
    "repositoryName": "__repository__",
    "repositoryLocationName": "ecommerce_assets",
}
BACKFILL = """mutation($params: LaunchBackfillParams!) {
    launchPartitionBackfill(backfillParams: $params) {
        __typename
        ... on LaunchBackfillSuccess {backfillId}
        ... on PythonError {message}
    }
}"""
JOB = """mutation($params: ExecutionParams!) {
    launchRun(executionParams: $params) {
        __typename
        ... on LaunchRunSuccess {run {runId}}
        ... on PythonError {message}
        ... on RunConfigValidationInvalid {errors {message}}
    }
}"""
OVER = ("COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED", "CANCELED")


def backfill_group(dev: DagsterDev, group: str, months: Sequence[date]) -> str:
    """What *Materialize all* of a group does for chosen months; returns the backfill's id."""
    asked = dev.ask("{assetNodes {assetKey {path} groupName isMaterializable}}")
    keys = [
        {"path": node["assetKey"]["path"]}
        for node in asked["assetNodes"]
        if node["groupName"] == group and node["isMaterializable"]
    ]
    return _launch(dev, {"assetSelection": keys, "partitionNames": [f"{m}" for m in months]})


def backfill_job(dev: DagsterDev, job: str, months: Sequence[date]) -> str:
    """What *Launch backfill* on a job's partitions does; returns the backfill's id."""
    selector = {"partitionSetName": f"{job}_partition_set", "repositorySelector": REPOSITORY}
    return _launch(dev, {"selector": selector, "partitionNames": [f"{m}" for m in months]})


def _launch(dev: DagsterDev, params: dict[str, Any]) -> str:
    said = dev.ask(BACKFILL, params=params)["launchPartitionBackfill"]
    assert said["__typename"] == "LaunchBackfillSuccess", said
    return str(said["backfillId"])


def launch_job(dev: DagsterDev, job: str, config: dict[str, Any]) -> str:
    """What *Launch Run* in a job's Launchpad does; returns the run's id."""
    selector = {"jobName": job, **REPOSITORY}
    params = {"selector": selector, "runConfigData": config}
    said = dev.ask(JOB, params=params)["launchRun"]
    assert said["__typename"] == "LaunchRunSuccess", said
    return str(said["run"]["runId"])


def ended_backfill(dev: DagsterDev, backfill: str, seconds: float) -> str:
    """How a backfill ended."""

    def look() -> str | None:
        (found,) = [each for each in dev.backfills() if each["id"] == backfill]
        return found["status"] if found["status"] in OVER else None

    return wait_for(f"the backfill {backfill}", look, seconds)


def ended_run(dev: DagsterDev, run_id: str, seconds: float) -> Run:
    """A run that has ended."""

    def look() -> Run | None:
        (found,) = [run for run in dev.runs() if run.run_id == run_id]
        return found if found.over else None

    return wait_for(f"the run {run_id}", look, seconds)


def runs_of_job(dev: DagsterDev, job: str) -> list[str]:
    """The ids of a job's runs, oldest first."""
    asked = dev.ask(
        "query($job: String!) {runsOrError(filter: {pipelineName: $job}) "
        "{... on Runs {results {runId}}}}",
        job=job,
    )
    return [run["runId"] for run in reversed(asked["runsOrError"]["results"])]


def next_run_of_job(dev: DagsterDev, job: str, known: Sequence[str], seconds: float) -> Run:
    """The one run of a job that was not known, when it has ended."""

    def look() -> str | None:
        new = [run for run in runs_of_job(dev, job) if run not in known]
        return new[0] if new else None

    return ended_run(dev, wait_for(f"a run of {job}", look, seconds), seconds)
