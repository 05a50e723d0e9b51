"""The table of the shop's database that the tests of its source read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ecommerce_assets.lib.sources.postgres import PostgresTable
from ecommerce_assets_tests.integration.sources_retail.retries import QUICK
from ecommerce_assets_tests.support.servers.postgres import PostgresServer

#: As the shop's own scripts make it: names without quotes are in lower case, one is not.
TABLE = """
drop schema if exists shop cascade;
create schema shop;
create table shop.lines (
    InvoiceNo text, StockCode text, "Description" text, Quantity integer, InvoiceDate timestamp,
    UnitPrice double precision, CustomerID text, Country text, "changed%at" bigint
);
insert into shop.lines
select
    (536365 + n)::text, 'POST', 'LIGHT, "WHITE"', n, timestamp '2010-12-01' + n * interval '1 hour',
    2.55, '17850.0', 'EIRE', n
from generate_series(0, 1999) as n;
"""
COLUMNS = {
    name: name
    for name in (
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    )
}
IN_DECEMBER, IN_JANUARY, IN_FEBRUARY = 744, 744, 512

Run = Callable[[str], None]


def source(postgres: PostgresServer, **changed: object) -> PostgresTable:
    known: dict[str, object] = {
        "dsn": postgres.dsn,
        "table": "shop.lines",
        "columns": COLUMNS,
        "month_column": "InvoiceDate",
        "chunk_rows": 100,
        "retries": QUICK,
    }
    return PostgresTable(**{**known, **changed})  # type: ignore[arg-type]


def rows_in(path: Path) -> list[dict[str, Any]]:
    return pq.ParquetFile(path).read().to_pylist()  # type: ignore[no-any-return]
