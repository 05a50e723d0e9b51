"""The command starts a server that this machine alone reaches."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from ecommerce_assets_tests.integration.dashboard.server import dashboard, environment, healthy
from ecommerce_assets_tests.integration.ui.asking import ask, websocket


def test_the_server_listens_on_loopback_alone(tmp_path: Path) -> None:
    with dashboard(tmp_path, tmp_path / "log") as (process, port):
        assert healthy(process, port) == "ok"
        listening = {
            (each.laddr.ip, each.laddr.port)
            for each in psutil.Process(process.pid).net_connections("inet")
            if each.status == psutil.CONN_LISTEN
        }
    assert listening == {("127.0.0.1", port)}


def test_the_server_serves_its_own_pages_and_no_other_web_site(tmp_path: Path) -> None:
    stream, bridged = "/_stcore/stream", ("Sec-Fetch-Site", "cross-site")
    with dashboard(tmp_path, tmp_path / "log") as (process, port):
        assert healthy(process, port) == "ok"
        own = ("Origin", f"http://127.0.0.1:{port}")
        assert ask(port, "GET", "/")[0] == 200
        assert websocket(port, stream, own, protocol="streamlit") == 101
        for host in ("rebound.test", f"rebound.test:{port}", "192.0.2.1"):
            rebound = ("Origin", f"http://{host}")
            assert ask(port, "GET", "/", host=host)[0] == 403
            assert websocket(port, stream, rebound, host=host, protocol="streamlit") == 403
        for origin in ("http://elsewhere.test", "http://127.0.0.1:1", "null"):
            foreign = ("Origin", origin)
            assert websocket(port, stream, foreign, protocol="streamlit") == 403
            assert ask(port, "GET", "/_stcore/host-config", foreign)[0] == 403
        assert ask(port, "GET", "/", bridged, ("Sec-Fetch-Dest", "iframe"))[0] == 403


def test_without_streamlit_the_command_says_what_to_install(tmp_path: Path) -> None:
    hide = (
        "import importlib.util as u; found = u.find_spec; "
        "u.find_spec = lambda name, *a: None if name == 'streamlit' else found(name, *a); "
        "from ecommerce_assets.cli.app import app; app(['dashboard'])"
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
    said = "".join(ended.stdout.split())
    assert f"make-C{Path(__file__).parents[3]}dashboard" in said
    assert "pip" not in said, "a package of that name in a registry may be anybody's"
