"""The command starts a server that this machine alone reaches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from ecommerce_assets_tests.integration.dashboard.server import dashboard, environment, healthy


def test_the_server_listens_on_loopback_alone(tmp_path: Path) -> None:
    with dashboard(tmp_path, tmp_path / "log") as (process, port):
        assert healthy(process, port) == "ok"
        listening = {
            (each.laddr.ip, each.laddr.port)
            for each in psutil.Process(process.pid).net_connections("inet")
            if each.status == psutil.CONN_LISTEN
        }
    assert listening == {("127.0.0.1", port)}


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
