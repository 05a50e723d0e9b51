"""A run whose process was killed holds nobody up; one that lives is waited for, with a word."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
import yaml
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG

from ecommerce_assets.lib.processes import OWNER, OWNER_HOME, own_process
from ecommerce_assets.runs.launcher import WatchedRunLauncher
from ecommerce_assets.runs.processes import (
    close_orphans,
    end_left_processes,
    waits_said_and_bounded,
)
from ecommerce_assets.runs.tags import PROCESS_TAG
from ecommerce_assets_tests.support.builders import start_python
from ecommerce_assets_tests.support.servers.ports import free_port

POOL = "duckdb"
SETTINGS = Path(__file__).parents[3] / "dagster.yaml"
LIVES = """
import signal, time
from ecommerce_assets.lib.processes import own_process
print(own_process(), flush=True)
time.sleep(120)
"""


@dg.op(pool=POOL)
def work() -> int:
    return 1


@dg.job(executor_def=dg.in_process_executor)
def needs_the_pool() -> None:
    work()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on disk, with the project's own settings."""
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(SETTINGS.read_text())
    with dg.DagsterInstance.from_config(str(home)) as found:
        yield found


@pytest.fixture
def other() -> Iterator[subprocess.Popen[str]]:
    """Another process that lives until it is killed."""
    process = start_python(LIVES)
    yield process
    process.kill()
    process.wait()


def name_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def holding(instance: dg.DagsterInstance, process: str) -> str:
    """A started run of a process, that holds the pool's slot; returns its id."""
    run = instance.create_run_for_job(needs_the_pool, tags={PROCESS_TAG: process})
    instance.report_dagster_event(
        dg.DagsterEvent(dg.DagsterEventType.PIPELINE_START.value, needs_the_pool.name), run.run_id
    )
    instance.event_log_storage.initialize_concurrency_limit_to_default(POOL)
    claim = instance.event_log_storage.claim_concurrency_slot(POOL, run.run_id, "work")
    assert claim.is_claimed
    return run.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status


def test_a_run_of_a_killed_process_is_closed_and_its_slot_is_free(
    instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    run_id = holding(instance, name_of(other))
    assert close_orphans(instance) == 0, "it lives"
    kill(other)
    assert close_orphans(instance) == 1
    assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE
    assert needs_the_pool.execute_in_process(instance=instance).success


def test_a_run_that_was_being_cancelled_is_cancelled(
    instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    run_id = holding(instance, name_of(other))
    run = instance.get_run_by_id(run_id)
    assert run
    instance.report_run_canceling(run)
    kill(other)
    assert close_orphans(instance) == 1
    assert status(instance, run_id) is dg.DagsterRunStatus.CANCELED


def test_waiting_for_a_run_is_told_and_ends_when_its_process_is_killed(
    instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    run_id, said = holding(instance, name_of(other)), []

    def say(text: str) -> None:
        said.append(text)
        kill(other)

    with waits_said_and_bounded(instance, say, 60):
        assert needs_the_pool.execute_in_process(instance=instance).success
    assert len(said) == 1
    assert said[0].startswith(f"waiting for run {run_id[:8]} of process {other.pid} since ")
    assert status(instance, run_id) is dg.DagsterRunStatus.FAILURE


def test_waiting_for_a_run_that_goes_on_is_bounded_and_says_what_to_do(
    instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    holding(instance, name_of(other))
    said: list[str] = []
    with waits_said_and_bounded(instance, said.append, 1.0):
        result = needs_the_pool.execute_in_process(instance=instance, raise_on_error=False)
    assert not result.success and len(said) == 1
    (failure,) = [event for event in result.all_events if event.is_failure]
    text = str(failure.event_specific_data)
    assert f"of process {other.pid} since" in text and "ECOMMERCE_WAIT_FOR_RUN_S" in text


WAITS = """
import sys
import dagster as dg
from ecommerce_assets.cli.frame import guarded
from ecommerce_assets.runs.processes import waits_said_and_bounded
from ecommerce_assets_tests.integration.running.test_runs import needs_the_pool
with dg.DagsterInstance.from_config(sys.argv[1]) as instance, guarded():
    say = lambda text: print(text, flush=True)
    with waits_said_and_bounded(instance, say, 100):
        result = needs_the_pool.execute_in_process(instance=instance, raise_on_error=False)
    print("interrupted" if not result.success else "done", flush=True)
    if not result.success:
        raise KeyboardInterrupt
"""


@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_a_command_that_waits_ends_by_a_signal(
    signo: signal.Signals, instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    holding(instance, name_of(other))
    process = start_python(WAITS, instance.root_directory)
    assert process.stdout
    while "waiting for run" not in (line := process.stdout.readline()):
        assert line or process.poll() is None
    process.send_signal(signo)
    output, _ = process.communicate(timeout=60)
    assert "Ended before it was done" in output
    assert "Traceback" not in output


def test_the_daemon_hears_of_a_killed_run_and_leaves_others_alone(
    instance: dg.DagsterInstance, other: subprocess.Popen[str]
) -> None:
    assert isinstance(instance.run_launcher, WatchedRunLauncher)
    assert instance.run_launcher.supports_check_run_worker_health

    def health(run_id: str) -> WorkerStatus:
        run = instance.get_run_by_id(run_id)
        assert run
        return instance.run_launcher.check_run_worker_health(run).status

    run_id = holding(instance, name_of(other))
    assert health(run_id) is WorkerStatus.RUNNING
    kill(other)
    assert health(run_id) is WorkerStatus.FAILED
    elsewhere = instance.create_run_for_job(needs_the_pool, tags={PROCESS_TAG: "other:1"})
    assert health(elsewhere.run_id) is WorkerStatus.RUNNING


def test_the_daemon_asks_the_code_server_of_another_container_after_a_run(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    """The server was started again since: it answers, and knows nothing of the run."""
    module = tmp_path / "nothing.py"
    module.write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    port = free_port()
    place = {"host": "127.0.0.1", "port": port}
    tags = {PROCESS_TAG: "other:1", GRPC_INFO_TAG: json.dumps(place)}
    run = instance.create_run_for_job(needs_the_pool, tags=tags)

    def health() -> WorkerStatus:
        return instance.run_launcher.check_run_worker_health(run).status

    assert health() is WorkerStatus.RUNNING, "nobody answers: it cannot be known"
    words = ["api", "grpc", "--python-file", str(module), "--host", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen([Path(sys.executable).with_name("dagster"), *words])
    try:
        until = time.monotonic() + 120
        while health() is not WorkerStatus.FAILED and time.monotonic() < until:
            time.sleep(0.5)
        assert health() is WorkerStatus.FAILED
    finally:
        server.terminate()
        server.wait(60)


# Processes that are left ------------------------------------------------------------------------


def left_by(owner: str, home: Path, **more: Any) -> subprocess.Popen[str]:
    """A process that a run of a lakehouse started, stopped so that it does nothing by itself."""
    code = "import time; print('up', flush=True); time.sleep(120)"
    variables = os.environ | {OWNER: owner, OWNER_HOME: str(home)}
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=variables, stdout=subprocess.PIPE, text=True, **more
    )
    assert process.stdout and process.stdout.readline() == "up\n"
    return process


def test_a_process_that_a_killed_run_left_is_ended_with_a_word(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
    owner, said = name_of(other), []
    kill(other)
    left, own = left_by(owner, tmp_path), left_by(own_process(), tmp_path)
    elsewhere = left_by(owner, tmp_path / "another")
    left.send_signal(signal.SIGSTOP)  # hears nothing but SIGKILL
    try:
        assert end_left_processes(tmp_path, said.append, grace_s=1.0) == 1
        assert not psutil.pid_exists(left.pid)
        assert own.poll() is None and elsewhere.poll() is None
        assert said == [said[0]] and f"process {left.pid}" in said[0]
    finally:
        for each in (left, own, elsewhere):
            each.kill()
            each.wait()


DBT = """
import sys
from ecommerce_assets.lib.processes import end_with_owner
end_with_owner()
import time
print("up", flush=True)
time.sleep(60)
"""


def test_dbt_ends_soon_after_the_run_that_called_it_was_killed(
    other: subprocess.Popen[str],
) -> None:
    variables = os.environ | {OWNER: name_of(other)}
    dbt = subprocess.Popen(
        [sys.executable, "-c", DBT], env=variables, stdout=subprocess.PIPE, text=True
    )
    assert dbt.stdout and dbt.stdout.readline() == "up\n"
    time.sleep(1.5)
    assert dbt.poll() is None
    kill(other)
    assert dbt.wait(10) == 1


def test_local_and_deployed_settings_watch_runs_alike() -> None:
    deployed = SETTINGS.parent / "deploy" / "dagster.yaml"
    for part in ("run_launcher", "run_monitoring", "run_retries", "concurrency"):
        here, there = (yaml.safe_load(path.read_text())[part] for path in (SETTINGS, deployed))
        assert here == there
