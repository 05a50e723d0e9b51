"""`ecommerce dev` as a child process, and what its API says.

Belongs here: starting it, waiting for it, stopping all of it. Stays out: the browser.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ecommerce_assets_tests.browser.lakehouse import ECOMMERCE, Lakehouse
from ecommerce_assets_tests.support.servers.ports import free_port

Found = TypeVar("Found")
START_S = 120.0
STOP_S = 90.0
LOCATION = "__repository__@ecommerce_assets"


@dataclass(frozen=True)
class Run:
    """A run as the API reports it; times are seconds since 1970."""

    run_id: str
    status: str
    tags: dict[str, str]
    created: float
    started: float | None
    ended: float | None

    @property
    def over(self) -> bool:
        return self.status in ("SUCCESS", "FAILURE", "CANCELED")


@dataclass(frozen=True)
class DagsterDev:
    """A running `ecommerce dev`."""

    url: str
    lakehouse: Lakehouse
    log: Path
    session: int

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Answer of the API that the pages use, too."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        assert not said.get("errors"), said
        data: dict[str, Any] = said["data"]
        return data

    def runs(self) -> list[Run]:
        """All runs, newest first."""
        asked = self.ask(
            "{runsOrError(limit: 500) {... on Runs {results {"
            "runId status creationTime startTime endTime tags {key value}}}}}"
        )
        return [
            Run(
                run_id=run["runId"],
                status=run["status"],
                tags={tag["key"]: tag["value"] for tag in run["tags"]},
                created=run["creationTime"],
                started=run["startTime"],
                ended=run["endTime"],
            )
            for run in asked["runsOrError"]["results"]
        ]

    def backfills(self) -> list[dict[str, Any]]:
        """All backfills, newest first, with id, status and asset selection."""
        asked = self.ask(
            "{partitionBackfillsOrError(limit: 50) {... on PartitionBackfills {results {"
            "id status assetSelection {path} error {message}}}}}"
        )
        found: list[dict[str, Any]] = asked["partitionBackfillsOrError"]["results"]
        return found

    def kill(self) -> None:
        """End every process at once with SIGKILL, as a machine that loses its power does."""
        while members := _members(self.session):
            for member in members:
                with suppress(ProcessLookupError):
                    os.kill(member, signal.SIGKILL)
            time.sleep(0.2)

    def step_seconds(self, run_id: str) -> dict[str, float]:
        """Seconds of each step of a run, by the step's key."""
        asked = self.ask(
            "query($id: ID!) {runOrError(runId: $id) {... on Run {"
            "stepStats {stepKey startTime endTime}}}}",
            id=run_id,
        )
        return {
            step["stepKey"]: step["endTime"] - step["startTime"]
            for step in asked["runOrError"]["stepStats"]
        }


def wait_for(what: str, look: Callable[[], Found | None], seconds: float) -> Found:
    """What `look` gives as soon as it gives something.

    Raises:
        TimeoutError: it gave nothing in time.
    """
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.3)


@contextmanager
def dagster_dev(lakehouse: Lakehouse) -> Iterator[DagsterDev]:
    """A `dagster dev` of the lakehouse while the block lasts; afterwards nothing of it is left.

    Raises:
        RuntimeError: it ended by itself, or some of its processes outlived SIGTERM.
    """
    port, log = free_port(), lakehouse.home / "dagster_dev.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(ECOMMERCE), "dev", "--port", str(port)],
            env=lakehouse.environment,
            cwd=lakehouse.home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # As a shell's background job begins; it has to end by SIGTERM all the same.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
        )
    dev = DagsterDev(f"http://127.0.0.1:{port}", lakehouse, log, process.pid)
    try:
        wait_for("the Dagster UI", lambda: _answers(dev, process), START_S)
        yield dev
    finally:
        left = _stop(process)
    if left:
        raise RuntimeError(f"processes of dagster dev outlived SIGTERM and were killed: {left}")


def _answers(dev: DagsterDev, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"ecommerce dev ended by itself:\n{dev.log.read_text()[-4000:]}")
    with suppress(OSError), urllib.request.urlopen(f"{dev.url}/server_info", timeout=5):
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> list[int]:
    """End the process's whole session; gives the processes that had to be killed."""
    session = process.pid
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    # The code servers and run workers are groups of their own in the same session.
    with suppress(TimeoutError):
        wait_for("the processes to end", lambda: not _members(session), STOP_S)
    left = _members(session)
    for member in left:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    process.wait()
    return left


def _members(session: int) -> list[int]:
    """The living processes of a session."""
    listed = subprocess.run(["ps", "-eo", "pid=,sess=,stat="], capture_output=True, text=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [int(pid) for pid, sess, stat in rows if int(sess) == session and stat[0] != "Z"]
