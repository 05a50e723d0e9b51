"""Both servers, started on free ports, and the environment that leads the Google clients to them.

Belongs here: starting, waiting, stopping, credentials that lead nowhere, faults. Stays out: what
tests do with them. `ECOMMERCE_TEST_GCP_PROJECT` and `ECOMMERCE_TEST_GCP_BUCKET` lead the same tests
to a real project instead (docs/google-cloud.md).
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ecommerce_assets_tests.support.servers.ports import free_ports

HERE = Path(__file__).parent
#: The interpreter of the BigQuery server's environment.
BIGQUERY_PYTHON = HERE.parents[2] / ".venv-bigquery" / "bin" / "python"
PROJECT, BUCKET = "lakehouse-tests", "lakehouse-tests-lake"
#: Variables of the developer that would lead the servers or the clients elsewhere.
GOOGLE_VARIABLES = (
    "BIGQUERY_EMULATOR_HOST",
    "CLOUDSDK_CONFIG",
    "GCP_CREDENTIALS_PATH",
    "GCP_PROJECT_ID",
    "GCP_REGION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "STORAGE_EMULATOR_HOST",
)
LONGEST_START_S = 90


@dataclass(frozen=True)
class GoogleCloud:
    """A project, a bucket, and how the clients reach them.

    Attributes:
        environment: the variables that clients, dbt and the lakehouse are given.
        storage_url: the storage server; empty for a real project.
        bigquery_url: the BigQuery server; empty for a real project.
    """

    project: str
    bucket: str
    environment: dict[str, str] = field(default_factory=dict)
    storage_url: str = ""
    bigquery_url: str = ""

    def fail(
        self, server: str, method: str, path: str, status: int, reason: str, times: int = 1
    ) -> None:
        """Let the next requests fail.

        Args:
            server: `storage` or `bigquery`.
            method: of the requests.
            path: what their path contains.
            status: of the answers.
            reason: Google's word for it, for instance `rateLimitExceeded`.
            times: how many of them fail.
        """
        url = self.storage_url if server == "storage" else self.bigquery_url
        fault = {"method": method, "path": path, "status": status, "times": times}
        fault |= {"reason": reason, "message": f"asked for by a test: {reason}"}
        request = urllib.request.Request(f"{url}/faults", json.dumps(fault).encode())
        with urllib.request.urlopen(request):
            pass


@contextlib.contextmanager
def emulated(folder: Path) -> Iterator[GoogleCloud]:
    """Start both servers, their data and logs in a folder.

    Raises:
        RuntimeError: a server ended, or did not answer; the message holds the end of its log.
    """
    storage_port, rest_port, grpc_port = free_ports(3)
    storage_url, bigquery_url = (f"http://127.0.0.1:{port}" for port in (storage_port, rest_port))
    plain = {name: value for name, value in os.environ.items() if name not in GOOGLE_VARIABLES}
    folder.mkdir(parents=True, exist_ok=True)
    storage = [sys.executable, str(HERE / "gcs_server.py"), str(storage_port), str(folder / "gcs")]
    bigquery = [str(BIGQUERY_PYTHON), str(HERE / "bigquery_server"), "--host", "127.0.0.1"]
    bigquery += ["--port", str(rest_port), "--grpc-port", str(grpc_port)]
    bigquery += ["--data-dir", str(folder / "bigquery"), "--project", PROJECT]
    key = folder / "service-account.json"
    _write_key(key, f"{storage_url}/token")
    with (
        _server(storage, f"{storage_url}/", folder / "gcs.log", plain),
        _server(
            bigquery,
            f"{bigquery_url}/bigquery/v2/projects/{PROJECT}/datasets",
            folder / "bigquery.log",
            plain | {"STORAGE_EMULATOR_HOST": storage_url},
        ),
    ):
        request = urllib.request.Request(
            f"{storage_url}/storage/v1/b?project={PROJECT}",
            json.dumps({"name": BUCKET}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request):
            pass
        yield GoogleCloud(
            PROJECT,
            BUCKET,
            {
                "BIGQUERY_EMULATOR_HOST": bigquery_url,
                "STORAGE_EMULATOR_HOST": storage_url,
                "GOOGLE_CLOUD_PROJECT": PROJECT,
                "GOOGLE_APPLICATION_CREDENTIALS": str(key),
                "GCP_PROJECT_ID": PROJECT,
                "GCP_REGION": "EU",
            },
            storage_url,
            bigquery_url,
        )


@contextlib.contextmanager
def _server(
    command: list[str], address: str, log: Path, environment: dict[str, str]
) -> Iterator[None]:
    """Run a server while the block lasts; its log is a file, for an unread pipe would block it."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            _wait(address, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + LONGEST_START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{address} does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def _write_key(path: Path, token_uri: str) -> None:
    """A service-account key of no one: the clients' own code signs with it and gets its token."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    document = {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "none",
        "private_key": pem.decode(),
        "client_email": f"tests@{PROJECT}.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": token_uri,
    }
    path.write_text(json.dumps(document))
