"""Which months tables have, asked of a real DuckDB."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.months import (
    existing_tables_sql,
    months_by_table,
    months_sql,
)

OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDBWarehouse:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("create schema shop_marts")
        # One second before November in UTC is November already in many zones.
        db.execute(
            "create table shop_marts.orders as select * from (values "
            "(timestamptz '2019-10-31 23:59:59+00'), (timestamptz '2019-12-01 00:00:00+00'), (null)"
            ") as t(ordered_at)"
        )
        db.execute("create table shop_marts.days as select date '2019-11-05' as day")
        db.execute("create view shop_marts.newest as select * from shop_marts.days")
    return DuckDBWarehouse(path)


def test_the_months_of_instants_and_of_dates_are_read_in_utc(warehouse: DuckDBWarehouse) -> None:
    sql = months_sql({"shop_marts.orders": "ordered_at", "shop_marts.days": "day"})
    assert months_by_table(warehouse.query(sql)) == {
        "shop_marts.orders": {OCT, DEC},
        "shop_marts.days": {NOV},
    }


def test_tables_and_views_are_listed(warehouse: DuckDBWarehouse) -> None:
    listed = set(warehouse.query(existing_tables_sql("duckdb", "EU")))
    assert {("shop_marts", name) for name in ("orders", "days", "newest")} <= listed


def test_bigquerys_listing_names_its_region_in_lower_case() -> None:
    assert "`region-eu`." in existing_tables_sql("bigquery", "EU")
