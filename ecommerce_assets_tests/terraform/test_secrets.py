"""The virtual machine's script turns secrets into settings, and says which have no value."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

SCRIPT = Path(__file__).parents[2] / "terraform/modules/runtime/files/secrets.py"
SECRETS = {"kaggle-key": b"s3cret\n", "alert-urls": b"json://one json://two", "lines": b"one\ntwo"}


class Google(BaseHTTPRequestHandler):
    """Metadata server and Secret Manager, as far as the script asks them."""

    def do_GET(self) -> None:
        """Give a token to who asks as Google wants it, and secrets to who has the token."""
        secret = self.path.removeprefix("/v1/projects/p/secrets/").partition("/versions/latest:")[0]
        if self.path.endswith("/service-accounts/default/token"):
            wanted, document = ("Metadata-Flavor", "Google"), {"access_token": "the-token"}
        elif secret == "forbidden":
            return self.send_error(403)
        elif secret not in SECRETS:
            return self.send_error(404)
        else:
            payload = {"data": base64.b64encode(SECRETS[secret]).decode()}
            wanted, document = ("Authorization", "Bearer the-token"), {"payload": payload}
        if self.headers[wanted[0]] != wanted[1]:
            return self.send_error(401)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def google() -> Iterator[str]:
    """Address of the two services."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Google) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def read(google: str, *wanted: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *(f"{w.upper()}=projects/p/secrets/{w}" for w in wanted)],
        env={
            "GCE_METADATA_HOST": google,
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER": f"http://{google}/",
            "NO_PROXY": "*",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_values_become_lines_of_an_environment_file(google: str) -> None:
    done = read(google, "kaggle-key", "alert-urls")

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "KAGGLE-KEY=s3cret",
        "ALERT-URLS=json://one json://two",
    ]


def test_a_secret_without_value_is_named_and_left_out(google: str) -> None:
    done = read(google, "kaggle-username", "kaggle-key")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "KAGGLE-KEY=s3cret\n"
    assert "projects/p/secrets/kaggle-username has no value" in done.stderr


def test_a_refusal_stops_the_start(google: str) -> None:
    done = read(google, "forbidden")

    assert done.returncode != 0
    assert "403" in done.stderr


def test_a_value_of_several_lines_is_refused(google: str) -> None:
    done = read(google, "lines")

    assert done.returncode == 1
    assert "projects/p/secrets/lines has several lines" in done.stderr
    assert done.stdout == ""
