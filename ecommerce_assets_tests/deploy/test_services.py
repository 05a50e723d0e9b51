"""The composition's commands start, find each other, and their health checks tell the truth.

The history is in SQLite files here, where the containers have PostgreSQL.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecommerce_assets_tests.deploy.image import BIN, ROOT
from ecommerce_assets_tests.support.servers.ports import free_port

SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text())["services"]
START_S = 120.0
STOP_S = 120.0


class Services:
    """Services of the composition as processes of this machine, on free ports of 127.0.0.1."""

    def __init__(self, app: Path, home: Path) -> None:
        self._app, self._home = app, home
        self._ports = {port: str(free_port()) for port in ("3000", "4000", "8501")}
        workspace = (app / "deploy/workspace.yaml").read_text()
        (home / "workspace.yaml").write_text(workspace.replace("4000", self._ports["4000"]))
        self._environment = {
            "PATH": f"{app}/deploy/bin:{BIN}:/usr/bin:/bin",
            "HOME": str(home),
            "ECOMMERCE_HOME": str(home),
            "DAGSTER_HOME": str(home / "dagster"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            "PYTHONDONTWRITEBYTECODE": "1",
            "ECOMMERCE_CODE_HOST": "127.0.0.1",
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start a service by its own command and wait until its own check calls it healthy."""
        with (self._home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [self._app / "deploy/entrypoint.sh", *self._here(SERVICES[name]["command"])],
                cwd=self._app,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._running[name] = process
        end = time.monotonic() + START_S
        while not self.healthy(name):
            said = (self._home / f"{name}.log").read_text()[-3000:]
            assert process.poll() is None, f"{name} ended by itself:\n{said}"
            assert time.monotonic() < end, f"{name} is not healthy after {START_S:g} s:\n{said}"
            time.sleep(1)

    def healthy(self, name: str) -> bool:
        """What the service's health check says."""
        check = SERVICES[name]["healthcheck"]["test"]
        assert check[0] == "CMD"
        asked = subprocess.run(
            self._here(check[1:]), cwd=self._app, env=self._environment, capture_output=True
        )
        return asked.returncode == 0

    def ask(self, query: str, **headers: str) -> Any:
        """The webserver's answer to a GraphQL query."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._ports['3000']}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["data"]

    def stop(self, name: str) -> None:
        """End a service and all that it started."""
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _here(self, words: list[str]) -> list[str]:
        moved = []
        for word in words:
            for port, free in self._ports.items():
                word = word.replace(f"={port}", f"={free}").replace(f":{port}", f":{free}")
            word = word.replace("0.0.0.0", "127.0.0.1")
            word = word.replace("/app/deploy/workspace.yaml", str(self._home / "workspace.yaml"))
            moved.append(word.replace("/app/", f"{self._app}/"))
        return moved


def _files(folder: Path) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_services_start_find_each_other_and_tell_their_health(app: Path, tmp_path: Path) -> None:
    before = _files(app)
    services = Services(app, tmp_path)
    with ExitStack() as stack:
        for name in ("code", "webserver", "daemon"):
            assert not services.healthy(name)
            stack.callback(services.stop, name)
            services.start(name)
        found = services.ask(
            "{workspaceOrError {... on Workspace {locationEntries {"
            "name locationOrLoadError {__typename}}}}}"
        )
        assert found["workspaceOrError"]["locationEntries"] == [
            {
                "name": "ecommerce_assets",
                "locationOrLoadError": {"__typename": "RepositoryLocation"},
            }
        ]
        for foreign in ({"Host": "rebound.test"}, {"Origin": "http://elsewhere.test"}):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                services.ask("{version}", **foreign)
        services.stop("code")
        assert not services.healthy("code")
        services.stop("webserver")
        assert not services.healthy("webserver")
    placed = (tmp_path / "dagster/dagster.yaml").read_bytes()
    assert placed == (ROOT / "dagster.yaml").read_bytes()
    # The image may be read-only: nothing is written outside the volume, not even a manifest.
    assert _files(app) == before


def test_the_dashboard_starts_and_tells_its_health(app: Path, tmp_path: Path) -> None:
    services = Services(app, tmp_path)
    assert not services.healthy("dashboard")
    try:
        services.start("dashboard")
    finally:
        services.stop("dashboard")
    assert not services.healthy("dashboard")
