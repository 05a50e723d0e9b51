"""The command starts a server that this machine alone reaches."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ecommerce_assets_tests.integration.dashboard.pages import ROOT

ECOMMERCE = str(Path(sys.executable).with_name("ecommerce"))
LONGEST_START_S = 120.0


def environment(home: Path) -> dict[str, str]:
    """What the command needs, and no setting of this machine."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    return {**kept, "HOME": str(home), "ECOMMERCE_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The running command and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ECOMMERCE, "dashboard", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment(tmp_path),
            cwd=tmp_path,
        )
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=60)


def test_the_server_listens_on_loopback_alone(
    server: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = server
    assert healthy(process, port) == "ok"
    listening = {
        (each.laddr.ip, each.laddr.port)
        for each in psutil.Process(process.pid).net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", port)}


def healthy(process: subprocess.Popen[bytes], port: int) -> str:
    """What the server says of its health, once it answers."""
    until = time.monotonic() + LONGEST_START_S
    while time.monotonic() < until:
        assert process.poll() is None, f"the command ended with {process.returncode}"
        try:
            address = f"http://127.0.0.1:{port}/_stcore/health"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError(f"no answer in {LONGEST_START_S} s")


def test_without_streamlit_the_command_says_what_to_install(tmp_path: Path) -> None:
    hide = (
        "import importlib.util as u; found = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'streamlit' else found(name, *a); "
        "from ecommerce_assets.cli import app; app(['dashboard'])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", hide],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(tmp_path),
        cwd=tmp_path,
    )
    assert ended.returncode == 1
    assert "pip install 'ecommerce-assets[dashboard]'" in " ".join(ended.stdout.split())
