"""Real invoices from Kaggle, an address and PostgreSQL at once, to marts and back to PostgreSQL.

The reduced suite takes two months of them, the complete one all thirteen.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import dagster as dg
import psycopg
import pytest

from ecommerce_assets_tests.pipeline.shop import FULL
from ecommerce_assets_tests.pipeline.tables import query
from ecommerce_assets_tests.pipeline.three_sources import (
    REAL,
    ThreeSources,
    real_lines,
    three_sources,
)
from ecommerce_assets_tests.support.servers.web import Resource

MONTHS = () if FULL else ("12/2010", "1/2011")
RANGE = "2010-12:2011-12" if FULL else "2010-12:2011-01"
ROWS = 541_909 if FULL else 42_481 + 35_147
TABLES = ("invoices_archive", "invoices_url", "invoices_postgres")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeSources]:
    if not REAL.is_file():
        pytest.skip(f"no real invoices: {REAL} is missing")
    home = tmp_path_factory.mktemp("three_sources") / "home"
    settings = {"ECOMMERCE_RETAIL_MONTHS": RANGE}
    with three_sources(home, real_lines(MONTHS), **settings) as sources:
        output = sources.shop.ok("backfill", "retail")
        for secret in (sources.source, sources.target, sources.kaggle.keys["demo"]):
            assert secret not in output
        yield sources


def test_every_source_has_its_own_raw_table_with_all_rows(loaded: ThreeSources) -> None:
    for table in TABLES:
        assert query(loaded.shop.warehouse, f"select count(*) from retail_raw.{table}") == [(ROWS,)]


def test_the_reconciliation_finds_no_difference(loaded: ThreeSources) -> None:
    rows = query(
        loaded.shop.warehouse,
        "select sources_loaded, they_part, rows_archive = rows_url and rows_url = rows_postgres, "
        "value_archive = value_postgres from retail_marts.mart_retail_source_reconciliation",
    )
    assert set(rows) == {(3, False, True, True)}


def test_published_figures_are_met(loaded: ThreeSources) -> None:
    found = query(
        loaded.shop.warehouse,
        "select metric, scope, status, found from ops.truths where starts_with(dataset, 'kaggle') "
        "and metric in ('month_invoices', 'month_value', 'rows_all') "
        "and status <> 'not applicable'",
    )
    figures = {(metric, scope): (status, value) for metric, scope, status, value in found}
    assert figures["month_invoices", "2010-12"] == ("matches", Decimal(2025))
    assert figures["month_value", "2011-01"] == ("matches", Decimal("560000.26"))
    assert {status for status, _ in figures.values()} == {"matches"}
    assert (("rows_all", "2010-12:2011-12") in figures) == FULL


def test_the_cleaned_lines_are_in_the_target_database(loaded: ThreeSources) -> None:
    with psycopg.connect(loaded.target) as db:
        rows = db.execute(
            "select count(*), sum(line_value), count(customer_id) from retail.invoice_lines"
        ).fetchone()
    assert [rows] == query(
        loaded.shop.warehouse,
        "select count(*), sum(line_value), count(customer_id) "
        "from retail_marts.fct_retail_invoice_lines",
    )
    assert rows and rows[0] == ROWS


def check_passed(loaded: ThreeSources) -> bool:
    """How the check that the sources agree ended the last time."""
    mart = dg.AssetKey(["retail", "marts", "mart_retail_source_reconciliation"])
    check = dg.AssetCheckKey(mart, "retail_sources_agree")
    with dg.DagsterInstance.from_config(str(loaded.shop.home / "dagster")) as instance:
        found = instance.event_log_storage.get_latest_asset_check_execution_by_key([check])
        return bool(found[check].event.dagster_event.asset_check_evaluation_data.passed)


@pytest.mark.full
def test_what_changes_at_one_source_is_loaded_and_named(loaded: ThreeSources) -> None:
    """Last: it changes the database and the file at the address. Then the three part."""
    asked = len(loaded.web.asked)
    assert "months are up to date" in loaded.shop.ok("backfill", "retail", "--plan")
    assert {each.method for each in loaded.web.asked[asked:]} == {"HEAD"}
    with psycopg.connect(loaded.source) as db:
        db.execute(
            'update myschema.ecomm_invoice set "Quantity" = "Quantity" + 1 '
            "where ctid = (select ctid from myschema.ecomm_invoice where \"InvoiceNo\" = '536365' "
            "limit 1)"
        )
    loaded.web.files["/data.csv"] = Resource(
        loaded.web.files["/data.csv"].body, etag='"two"'
    )  # the same rows under a new version

    assert check_passed(loaded)
    loaded.shop.ok("backfill", "retail")

    assert not check_passed(loaded)
    changed = query(
        loaded.shop.warehouse,
        "select cast(month_date as varchar) from retail_marts.mart_retail_source_reconciliation "
        "where they_part",
    )
    assert changed == [("2010-12-01",)]
    loads = query(
        loaded.shop.warehouse,
        "select dataset, month, change from ops.load_ledger where step = 'lake' "
        "and change = 'changed'",
    )
    assert [(dataset, str(month)) for dataset, month, _ in loads] == [
        ("retail.invoices_postgres", "2010-12-01")
    ]
