"""Dagster's webserver behind the guard, asked as other web sites and as users ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from ecommerce_assets.ui.dev import DAEMON, GUARDED, PLAIN, guarded
from ecommerce_assets_tests.integration.ui.asking import JSON, ask, websocket
from ecommerce_assets_tests.support.servers.ports import free_port

MUTATION = "mutation {setNuxSeen}"
BODY = json.dumps({"query": MUTATION}).encode()
BY_GET = f"/graphql?query={quote(MUTATION)}"
DONE = '{"data":{"setNuxSeen":true}}'
START_S = 120.0
LOAD = (
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Accept", "text/html,*/*"),
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A guarded webserver over a code location of one asset; `lakehouse.test` is a name of it."""
    folder, at = tmp_path_factory.mktemp("ui"), free_port()
    code = folder / "one_asset.py"
    code.write_text("import dagster as dg\n\n@dg.asset\ndef one() -> None: ...\n")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DAGSTER_HOME": str(folder),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "ECOMMERCE_HOME": str(folder),
        "ECOMMERCE_UI_HOSTS": "Lakehouse.test, other.test",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", GUARDED, "-f", str(code), "--port", str(at)],
        env=environment,
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until = time.monotonic() + START_S
        while not _answers(at):
            assert process.poll() is None, process.stdout and process.stdout.read().decode()
            assert time.monotonic() < until
            time.sleep(0.3)
        yield at
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _answers(port: int) -> bool:
    try:
        return ask(port, "GET", "/server_info")[0] == 200
    except OSError:
        return False


def test_programs_and_the_ui_itself_are_served(port: int) -> None:
    own = ("Origin", f"http://127.0.0.1:{port}")
    same = ("Sec-Fetch-Site", "same-origin")
    assert ask(port, "POST", "/graphql", JSON, body=BODY) == (200, DONE)
    assert ask(port, "POST", "/graphql", JSON, own, same, body=BODY) == (200, DONE)
    assert ask(port, "GET", f"/graphql?query={quote('{version}')}")[0] == 200
    assert websocket(port, "/graphql", own, same) == 101
    assert websocket(port, "/graphql") == 101
    for page in ("/", "/overview", "/graphql"):
        status, text = ask(port, "GET", page, *LOAD, ("Sec-Fetch-Site", "none"))
        assert (status, "<!doctype html>" in text.lower()) == (200, True)


def test_a_link_from_elsewhere_opens_a_page(port: int) -> None:
    assert ask(port, "GET", "/runs", *LOAD, ("Sec-Fetch-Site", "cross-site"))[0] == 200


@pytest.mark.parametrize(
    "host", ["localhost:{port}", "LOCALHOST", "127.0.0.1", "[::1]:{port}", "lakehouse.test:8443"]
)
def test_names_of_this_server_are_served(port: int, host: str) -> None:
    host = host.format(port=port)
    origin = ("Origin", f"http://{host.lower()}")
    assert ask(port, "POST", "/graphql", JSON, origin, body=BODY, host=host) == (200, DONE)


@pytest.mark.parametrize(
    "host",
    [
        "rebound.test",
        "rebound.test:3000",
        "localhost.rebound.test",
        "127.0.0.1.rebound.test",
        "192.0.2.1",
        "169.254.169.254:{port}",
        "lakehouse.test.rebound.test",
        "lakehouse.test@rebound.test",
        "rebound.test:80:80",
        "0",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/graphql", "/server_info"])
def test_a_foreign_host_gets_nothing(port: int, host: str, path: str) -> None:
    host = host.format(port=port) or " "
    own = ("Origin", f"http://{host}")  # as the rebound page sends it: same origin for the browser
    assert ask(port, "GET", path, *LOAD, host=host)[0] in (400, 403)
    assert ask(port, "POST", "/graphql", JSON, own, body=BODY, host=host)[0] in (400, 403)
    assert websocket(port, "/graphql", own, host=host) in (400, 403)


def test_a_refusal_says_why_and_what_to_do(port: int) -> None:
    status, text = ask(port, "GET", "/", host="lakehouse.example")
    assert status == 403
    assert "Host is not one of this server's" in text
    assert "ECOMMERCE_UI_HOSTS" in text


@pytest.mark.parametrize(
    "origin",
    [
        "http://elsewhere.test",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost:{port}",
        "https://127.0.0.1:1",
        "http://127.0.0.1:{port}.elsewhere.test",
        "file://",
        "null",
        "",
    ],
)
def test_a_page_of_another_origin_gets_nothing(port: int, origin: str) -> None:
    foreign = ("Origin", origin.format(port=port))
    assert ask(port, "POST", "/graphql", JSON, foreign, body=BODY)[0] == 403
    assert ask(port, "OPTIONS", "/graphql", foreign)[0] == 403
    assert ask(port, "GET", f"/graphql?query={quote('{version}')}", foreign)[0] == 403
    assert websocket(port, "/graphql", foreign) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "anything"])
def test_what_a_browser_sends_for_another_site_is_refused(port: int, site: str) -> None:
    said = ("Sec-Fetch-Site", site)
    images = (("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"))
    frames = (("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"))
    assert ask(port, "POST", "/graphql", JSON, said, body=BODY)[0] == 403
    assert ask(port, "POST", "/graphql", JSON, said, *LOAD, body=BODY)[0] == 403
    for others in (images, frames):
        assert ask(port, "GET", "/runs", said, *others)[0] == 403
    assert websocket(port, "/graphql", said) == 403


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "path",
    [
        BY_GET,
        f"/%67raphql?query={quote(MUTATION)}",
        f"/graphql?query={quote('{version}')}&query={quote(MUTATION)}",
        f"/graphql?query={quote('query Read {version} mutation Alter {setNuxSeen}')}",
        f"/graphql?query={quote(MUTATION)}&query={quote('{version}')}",
        "/graphql?query=subscription%20%7Bcapturedlogs%7D",
    ],
)
def test_a_get_alters_nothing(port: int, method: str, path: str) -> None:
    assert ask(port, method, path)[0] == 403
    assert ask(port, method, path, *LOAD, ("Sec-Fetch-Site", "cross-site"))[0] == 403


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "text/plain; application/json",
        "text/plain;charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        None,
    ],
)
def test_a_body_that_any_page_may_send_is_refused(port: int, kind: str | None) -> None:
    headers = [("Content-Type", kind)] if kind else []
    for path in ("/graphql", BY_GET, "/report_asset_materialization/one"):
        assert ask(port, "POST", path, *headers, body=BODY)[0] == 403


def test_no_other_site_shows_the_pages_in_a_frame(port: int) -> None:
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_dagster_dev_is_given_the_guarded_webserver_or_nothing() -> None:
    assert guarded(["python", "-m", PLAIN, "--port", "1"]) == [
        *("python", "-m", GUARDED, "--port", "1")
    ]
    assert guarded(["python", "-m", DAEMON, "run"]) == ["python", "-m", DAEMON, "run"]
    with pytest.raises(RuntimeError, match="not known to be guarded"):
        guarded(["python", "-m", "dagster_ui"])
