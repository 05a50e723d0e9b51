"""`ecommerce dashboard`: starts the pages of `ecommerce_dashboard` in a server of Streamlit.

Stays out: the pages. Streamlit is an extra of the package, so it is looked for when it is needed.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ecommerce_assets.cli.frame import require_free_port
from ecommerce_assets.cli.terminal import friendly_errors, read_settings
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.lib.warehouse import BIGQUERY

SERVER = Path(__file__).parents[2] / "ecommerce_dashboard" / "server.py"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def server_command(host: str, port: int) -> list[str]:
    """The command of the server: no browser, no statistics, no watch on the project's files.

    What guards it against other web sites is set, whatever Streamlit's own settings say.
    """
    options = {
        "server.address": host,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "server.enableCORS": "true",
        "server.enableXsrfProtection": "true",
        "browser.gatherUsageStats": "false",
        "browser.serverAddress": host,
        "client.toolbarMode": "minimal",
        # Its own export would hand formulas to spreadsheets; the pages have one that does not.
        "client.disableDataExport": "true",
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "streamlit", "run", str(SERVER), *given]


def dashboard(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the pages.")] = 8501,
) -> None:
    """Open the dashboard: pages over the published copy of the marts."""
    if not importlib.util.find_spec("streamlit") or not importlib.util.find_spec("altair"):
        console.print(
            bad("Streamlit, which draws the pages, is not installed."),
            f"Install it and open the pages: make -C {SERVER.parents[1]} dashboard",
        )
        raise typer.Exit(1)
    settings = read_settings()
    with friendly_errors():
        uri = settings.warehouse_uri
        require_free_port(host, port, "dashboard")
    if uri.startswith(BIGQUERY):
        console.print(
            f"The pages read {uri}; every query is paid for. For reports to share: "
            "ecommerce looker-link"
        )
    elif not settings.published_path.exists():
        console.print(f"There is no {settings.published_path} yet; make it: ecommerce demo")
    if host not in LOOPBACK:
        console.print(bad(f"Everyone who reaches {host} can read the pages:"), "no sign-in.")
    console.print(f"The dashboard comes up at http://{host}:{port}; end it with Ctrl-C")
    sys.stdout.flush()
    command = server_command(host, port)
    os.execv(command[0], command)  # noqa: S606
