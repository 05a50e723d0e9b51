"""Servers of the tests' own: a web server for each test, one PostgreSQL for all of them."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ecommerce_assets.lib.sources.catalogue.shop import Report
from ecommerce_assets_tests.integration.sources_retail.lines import TABLE, Run
from ecommerce_assets_tests.integration.sources_retail.shop import (
    MONTH,
    Read,
    catalogue,
    html,
    product,
    sitemap,
)
from ecommerce_assets_tests.support.servers.postgres import PostgresServer
from ecommerce_assets_tests.support.servers.web import Resource, WebServer


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Local servers are asked directly, whatever stands in the environment."""
    for name in list(os.environ):
        if name.startswith("PG") or name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def web() -> Iterator[WebServer]:
    """A web server that serves nothing yet."""
    with WebServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running PostgreSQL; each test takes a schema of its own."""
    # Not pytest's folder: only root may enter that one, and the server does not run as root.
    with tempfile.TemporaryDirectory(prefix="postgres-of-tests-") as folder:
        Path(folder).chmod(0o755)
        with PostgresServer(Path(folder)) as server:
            yield server


@pytest.fixture
def run(postgres: PostgresServer) -> Iterator[Run]:
    """Runs statements on the shop's database, which has the table."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(TABLE)
        yield lambda statement: connection.execute(statement) and None


@pytest.fixture
def shop(web: WebServer) -> WebServer:
    """A shop of six products and a page about the shop, whose rules allow all but its basket."""
    pages = {f"/p/{number}": product(number) for number in range(1, 7)}
    web.files.update(pages, **{"/about": html("We sell lanterns.")})
    web.files["/robots.txt"] = Resource(b"User-agent: *\nDisallow: /basket\n", "text/plain")
    web.files["/sitemap.xml"] = sitemap(web, *pages, "/about", "/p/1#reviews")
    return web


@pytest.fixture
def read(shop: WebServer, tmp_path: Path) -> Read:
    """Reads the shop; gives the rows and the report."""

    def run(**changed: Any) -> tuple[list[dict[str, str]], Report]:
        source = catalogue(shop, **changed)
        path = source.fetch(source.find(MONTH), tmp_path / "out")
        assert source.report
        return list(csv.DictReader(path.read_text("utf-8").splitlines())), source.report

    return run
