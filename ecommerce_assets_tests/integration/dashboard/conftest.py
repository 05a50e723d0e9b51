"""One published copy, built once for all tests, and ways to open its pages."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from ecommerce_assets.dbt.project import models_of
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import FOLDER
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets_tests.integration.dashboard.operations import write_operations
from ecommerce_assets_tests.integration.dashboard.pages import APP, PAGES
from ecommerce_assets_tests.integration.dbt import lake as cosmetics
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.reference import World
from ecommerce_assets_tests.integration.dbt_electronics import shop as electronics
from ecommerce_assets_tests.integration.dbt_retail import catalogue
from ecommerce_assets_tests.integration.dbt_retail import shop as retail
from ecommerce_assets_tests.once import made_once
from ecommerce_dashboard.queries import VIEWS

MART = re.compile(r"cosmetics_marts\.(\w+)")
#: From here on the last month of cosmetics is not observed.
UNTIL = cosmetics.at("2019-12-21 00:00:00")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose published copy has the models of all three shops, a ledger and truths."""
    return made_once(tmp_path_factory, "dashboard", _build)


def _build(home: Path) -> None:
    """The shops' rows and what the real models make of them."""
    dbt = Dbt(home)
    units = electronics.numbered([*electronics.edge_units(), *electronics.random_units()])
    electronics.write(units, electronics.undated_units(), dbt.database)
    lines = retail.numbered([*retail.edge_lines(), *retail.random_lines()])
    other = [line for line in lines if line.invoice != "510017"]
    retail.write({"archive": lines, "url": other}, dbt.database)
    catalogue.write(dbt.database)
    cosmetics.write(cosmetics_events(), dbt.home / "events")
    cosmetics.expose(dbt.database, dbt.home / "events", cosmetics.MONTHS)
    # Of cosmetics only what the pages read, and what that is made from: the rest takes its time.
    queries = "".join(path.read_text() for path in VIEWS.glob("cosmetics/*.sql"))
    read = set(MART.findall(queries))
    selected = [f"+{mart}" for mart in sorted(read)]
    dbt.over("run", cosmetics.MONTHS[0], cosmetics.END, "--select", *selected)
    for shop, name in ((electronics, "electronics"), (retail, "retail")):
        dbt.over("run", shop.START, shop.END, "--select", models_of(name))
    lake = Lake((dbt.home / "lake").as_uri(), dbt.home / "scratch")
    warehouse = DuckDBWarehouse(dbt.database)
    write_operations(lake, warehouse)
    warehouse.publish_copy(home / "published.duckdb")


def cosmetics_events() -> list[cosmetics.Event]:
    """Three months of visits, of which the last one breaks off."""
    events = [*cosmetics.boundary_events(), *cosmetics.random_events(1500)]
    return cosmetics.numbered(event for event in events if event.at < UNTIL)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Point the settings at a home, and at nothing else."""

    def point(at: Path) -> None:
        for name in [name for name in os.environ if name.startswith(("ECOMMERCE_", "GCP_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("ECOMMERCE_HOME", str(at))

    return point


@pytest.fixture
def opened(home: Path, environment: Callable[[Path], None]) -> Callable[..., AppTest]:
    """Opens a page by its name, with the values of its address."""

    def at(name: str, folder: Path = home, **address: str) -> AppTest:
        environment(folder)
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        for key, value in address.items():
            app.query_params[key] = value
        return app.switch_page(str(PAGES[name].relative_to(APP.parent))).run()

    return at


@pytest.fixture(scope="session")
def rows(home: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Asks the copy itself; the second way to each figure."""

    def ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(home / "published.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql, list(parameters)).fetchall()

    return ask


@pytest.fixture(scope="session")
def world() -> World:
    """The events of cosmetics, for what follows from them in plain Python."""
    return World(cosmetics_events())


@pytest.fixture
def altered(home: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a home whose copy was changed by some statements."""

    def change(*statements: str) -> Path:
        shutil.copyfile(home / "published.duckdb", tmp_path / "published.duckdb")
        with duckdb.connect(str(tmp_path / "published.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)
        return tmp_path

    return change


@pytest.fixture
def relived(home: Path, tmp_path: Path) -> Callable[..., Path]:
    """Makes a home with the same copy, whose ledger holds some of the attempts, changed or not."""

    def change(keep: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Path:
        st.cache_data.clear()
        shutil.copytree(home / "lake", tmp_path / "lake")
        shutil.copy2(home / "published.duckdb", tmp_path / "published.duckdb")
        for path in sorted((tmp_path / "lake" / FOLDER).rglob("*.json")):
            row = keep(json.loads(path.read_text()))
            path.unlink()
            if row is not None:
                path.write_text(json.dumps(row) + "\n")
        return tmp_path

    return change


@pytest.fixture(scope="session")
def emptied(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose copy has all tables and no row."""
    folder = tmp_path_factory.mktemp("emptied")
    shutil.copyfile(home / "published.duckdb", folder / "published.duckdb")
    with duckdb.connect(str(folder / "published.duckdb")) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()")
        for schema, table in tables.fetchall():
            connection.execute(f"delete from {schema}.{table}")
    return folder
