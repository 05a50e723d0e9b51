"""One pair of servers for all tests of a worker, or a real project, and the clients' environment.

`ECOMMERCE_TEST_GCP_PROJECT` and `ECOMMERCE_TEST_GCP_BUCKET` lead the tests to a real project with
the environment's credentials (docs/google-cloud.md); tests that need faults are then left out.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecommerce_assets_tests.support.emulators.google_cloud import (
    BIGQUERY_PYTHON,
    GOOGLE_VARIABLES,
    GoogleCloud,
    emulated,
)

MISSING = (
    "the BigQuery emulator is not installed: `make test` installs it where it finds Python 3.13 "
    "(or: make emulator PYTHON313=/path/to/python3.13)"
)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GoogleCloud]:
    """A project with a bucket; the emulators' unless a real one is named."""
    project = os.environ.get("ECOMMERCE_TEST_GCP_PROJECT")
    if project:
        kept = {name: os.environ[name] for name in GOOGLE_VARIABLES if name in os.environ}
        region = os.environ.get("GCP_REGION", "EU")
        named = {"GOOGLE_CLOUD_PROJECT": project, "GCP_PROJECT_ID": project, "GCP_REGION": region}
        yield GoogleCloud(project, os.environ["ECOMMERCE_TEST_GCP_BUCKET"], kept | named)
        return
    if not BIGQUERY_PYTHON.exists():
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with emulated(tmp_path_factory.mktemp("google")) as started:
        yield started


@pytest.fixture
def google(cloud: GoogleCloud, monkeypatch: pytest.MonkeyPatch) -> GoogleCloud:
    """The same, and the clients of this very process find it."""
    for name in GOOGLE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return cloud


@pytest.fixture
def faulty(google: GoogleCloud) -> GoogleCloud:
    """Servers that fail when they are asked to."""
    if not google.storage_url:
        pytest.skip("a real project has no faults to order")
    return google


@pytest.fixture
def lake_uri(cloud: GoogleCloud) -> str:
    """An empty lake of the test's own."""
    return f"gs://{cloud.bucket}/{uuid.uuid4().hex}"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where a lake in a bucket keeps its local copies."""
    return tmp_path / "scratch"
