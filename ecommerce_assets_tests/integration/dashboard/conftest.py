"""One published copy, built once for all tests, and ways to open its pages."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import FOLDER, Ledger, ledger_columns
from ecommerce_assets.lib.truths import Truth, judge, not_applicable, publish_verdicts
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse, json_view
from ecommerce_assets_tests.integration.dashboard.pages import APP, VIEWS
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt_electronics import shop as electronics
from ecommerce_assets_tests.integration.dbt_retail import catalogue
from ecommerce_assets_tests.integration.dbt_retail import shop as retail

MONTHS = {
    "electronics.purchases": [date(2020, month, 1) for month in (1, 2, 3)],
    "retail.invoices_archive": [date(2010, 12, 1), date(2011, 1, 1)],
}
TRUTH = Truth(
    "a paper", "rows", date(2020, 1, 1), date(2020, 1, 1), date(2020, 1, 1), "rows of the file",
    Decimal(7), Decimal(0), "page 1", "totals", "rows",
)  # fmt: skip


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose published copy has the models of both shops, a ledger and truths."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # what the workers share
    dbt = Dbt(base / "dashboard")
    with (base / "dashboard.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        published = dbt.home / "published.duckdb"
        if not published.exists():
            shutil.rmtree(dbt.home, ignore_errors=True)
            dbt.home.mkdir()
            _build(dbt)
            DuckDBWarehouse(dbt.database).publish_copy(published)
    return dbt.home


def _build(dbt: Dbt) -> None:
    """Both shops' rows and what the real models make of them."""
    units = electronics.numbered([*electronics.edge_units(), *electronics.random_units()])
    electronics.write(units, electronics.undated_units(), dbt.database)
    lines = retail.numbered([*retail.edge_lines(), *retail.random_lines()])
    other = [line for line in lines if line.invoice != "510017"]
    retail.write({"archive": lines, "url": other}, dbt.database)
    catalogue.write(dbt.database)
    for shop, tag in ((electronics, "electronics"), (retail, "retail")):
        dbt.over("run", shop.START, shop.END, "--select", f"tag:{tag}")
    lake = Lake((dbt.home / "lake").as_uri(), dbt.home / "scratch")
    _write_operations(lake, DuckDBWarehouse(dbt.database))


def _write_operations(lake: Lake, warehouse: DuckDBWarehouse) -> None:
    """A ledger with loaded months and one that failed; one truth of each verdict."""
    ledger = Ledger(lake)
    for dataset, months in MONTHS.items():
        for month in months:
            for step in ("lake", "raw", "models"):
                with ledger.attempt(dataset, step, month):
                    pass
    row = ledger.begin("electronics.purchases", "raw", date(2020, 4, 1), started=datetime.now(UTC))
    ledger.finish(row, "failed", "the test's own failure")
    verdicts = [judge(TRUTH, Decimal(7), "x"), judge(TRUTH, Decimal(8), "x")]
    verdicts.append(not_applicable(TRUTH, "not loaded", "x"))
    publish_verdicts(lake, "electronics.purchases", verdicts)
    warehouse.show_truths(lake)
    # `load_operations` would look for a quarantine in the lake, and the shop wrote its own.
    ledger_view = json_view(lake.location(FOLDER) + "/*/*/*.json", ledger_columns())
    with warehouse.connect() as connection:
        connection.execute(f"create or replace view ops.load_ledger as {ledger_view}")


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
    """Opens a page by the name of its file, with the values of its address."""

    def at(name: str, folder: Path = home, **address: str) -> AppTest:
        environment(folder)
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        for key, value in address.items():
            app.query_params[key] = value
        return app.switch_page(str((VIEWS / f"{name}.py").relative_to(APP.parent))).run()

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
def emptied(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose copy has all tables and no row."""
    folder = tmp_path_factory.mktemp("emptied")
    shutil.copyfile(home / "published.duckdb", folder / "published.duckdb")
    with duckdb.connect(str(folder / "published.duckdb")) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()")
        for schema, table in tables.fetchall():
            connection.execute(f"delete from {schema}.{table}")
    return folder
