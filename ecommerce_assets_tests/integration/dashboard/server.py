"""The dashboard's command as a running server.

Belongs here: starting and ending it, and its word that it is up. Stays out: what is asked of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecommerce_assets_tests.integration.dashboard.pages import ROOT
from ecommerce_assets_tests.support.servers.ports import free_port

ECOMMERCE = str(Path(sys.executable).with_name("ecommerce"))
LONGEST_START_S = 120.0


def environment(home: Path) -> dict[str, str]:
    """What the command needs, and no setting of this machine."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    return {**kept, "HOME": str(home), "ECOMMERCE_HOME": str(home), "PYTHONPATH": str(ROOT)}


@contextmanager
def dashboard(home: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The running command and its port, while the block lasts.

    Args:
        home: of the lakehouse whose published copy is shown.
        log: takes what the command says.
    """
    port = free_port()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [ECOMMERCE, "dashboard", "--port", str(port)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment(home),
            cwd=home,
        )
    try:
        yield process, port
    finally:
        process.terminate()
        process.wait(timeout=60)


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
