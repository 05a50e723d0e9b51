"""What the sources deliver goes through fetch and ingest into the lake, whole and typed."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.contracts.contract import TableContract, load_contract
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.fetch import fetch_month, open_delivery
from ecommerce_assets.lib.ingest.month_file import IngestResult, ingest_slice
from ecommerce_assets.lib.ingest.split import Months
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.sources.catalogue.shop import ShopCatalogue
from ecommerce_assets.lib.sources.postgres import PostgresTable
from ecommerce_assets.lib.sources.protocol import MonthlySource
from ecommerce_assets.lib.sources.web.file import HttpFile
from ecommerce_assets_tests.integration.sources_retail.retries import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MONTHS,
    QUICK,
)
from ecommerce_assets_tests.support.builders import lake_at
from ecommerce_assets_tests.support.servers.postgres import PostgresServer
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice")
HEADER += ("CustomerID", "Country")

Line = tuple[str, str, str | None, int, datetime, str, str | None, str]


def lines() -> list[Line]:
    """Lines of three months with all that a description may hold."""
    texts = ('POCKET "7"" SIZE', "A, B", None, "£1 BARGAIN", "  BLANKS  ", "damages?")
    return [
        (
            f"{'C' if n % 9 == 0 else ''}{536365 + n}",
            "85123A",
            texts[n % len(texts)],
            -1 if n % 9 == 0 else n,
            datetime(2010 + (n % 3 > 0), (12, 1, 2)[n % 3], 1 + n % 28, 8, n % 60),
            f"{n % 50}.{n % 100:02d}",
            None if n % 4 == 0 else "17850.0",
            "EIRE",
        )
        for n in range(600)
    ]


def typed(line: Line) -> tuple[Any, ...]:
    """A line as the lake holds it; in winter the shop's clock is UTC."""
    return (*line[:4], line[4].replace(tzinfo=UTC), Decimal(line[5]), *line[6:])


def bring(
    source: MonthlySource, contract: TableContract, month: date, folder: Path
) -> tuple[IngestResult, bool]:
    """Fetch and load a month; gives the load and whether a file was fetched for it."""
    lake = lake_at(folder)
    _, fetched = fetch_month(source, Slice(lake, contract, Month(month)), folder / "downloads")
    with open_delivery(Slice(lake, contract, Month(month))) as delivery:
        if contract.shared_file:
            span = Months(MONTHS[0], MONTHS[-1])
            return ingest_part(Slice(lake, contract, Month(month)), span, delivery), fetched
        return ingest_slice(Slice(lake, contract, Month(month)), delivery), fetched


def rows(contract: TableContract, month: date, folder: Path) -> list[tuple[Any, ...]]:
    slice_ = Slice(lake_at(folder), contract, Month(month))
    with slice_.lake.local_copy(slice_.parquet) as path:
        found = pq.ParquetFile(path).read(columns=contract.column_names).to_pylist()
    return [tuple(row.values()) for row in found]


def of_month(month: date) -> list[tuple[Any, ...]]:
    return sorted(
        (typed(line) for line in lines() if line[4].date().replace(day=1) == month), key=repr
    )


def test_a_table_of_the_shops_database_reaches_the_lake_month_by_month(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    contract = load_contract("retail", "invoices_postgres")
    columns = {column.source_name: column.source_name for column in contract.columns}
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("drop schema if exists myschema cascade; create schema myschema")
        connection.execute(
            'create table myschema.ecomm_invoice (InvoiceNo text, StockCode text, "Description" '
            "text, Quantity integer, InvoiceDate timestamp, UnitPrice numeric, CustomerID text, "
            "Country text)"
        )
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into myschema.ecomm_invoice values (%s, %s, %s, %s, %s, %s, %s, %s)",
                lines(),
            )
        source = PostgresTable(
            postgres.dsn,
            "myschema.ecomm_invoice",
            columns,
            "InvoiceDate",
            time_zone="Europe/London",
            retries=QUICK,
        )
        for month in MONTHS:
            result, fetched = bring(source, contract, month, tmp_path)
            assert fetched
            assert (result.rows_accepted, result.rows_quarantined) == (200, 0)
            assert sorted(rows(contract, month, tmp_path), key=repr) == of_month(month)
        connection.execute(
            'update myschema.ecomm_invoice set "Description" = case InvoiceNo '
            "when '536368' then E'two\\nlines' when '536371' then 'two\\nlines' "
            "when '536377' then '' end where InvoiceNo in "
            "('536368', '536371', '536377', '536380')"
        )
        again = [bring(source, contract, month, tmp_path) for month in MONTHS]
    assert [fetched for _, fetched in again] == [True, False, False]
    assert again[0][0].rows_accepted == 200
    numbers = ("536368", "536371", "536377", "536380")
    found = {row[0]: row[2] for row in rows(contract, DECEMBER, tmp_path) if row[0] in numbers}
    assert [found[number] for number in numbers] == ["two\nlines", "two\\nlines", "", None]


def test_a_file_at_an_address_is_fetched_once_and_split_into_its_months(
    web: WebServer, tmp_path: Path
) -> None:
    contract = load_contract("retail", "invoices_url")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for line in lines():
        at = line[4]
        written = f"{at.month}/{at.day}/{at.year} {at.hour}:{at.minute:02d}"
        writer.writerow([*line[:4], written, *line[5:]])
    body = text.getvalue().encode("cp1252")
    web.files["/data.csv"] = Resource(body, etag='"1"')
    source = HttpFile(f"{web.url}/data.csv", MONTHS, retries=QUICK)
    for month in MONTHS:
        result, fetched = bring(source, contract, month, tmp_path)
        assert fetched == (month == DECEMBER)
        assert result.rows_accepted == 200
        assert sorted(rows(contract, month, tmp_path), key=repr) == of_month(month)
    assert web.paths() == ["/data.csv"]


def test_a_web_page_under_the_name_of_a_file_is_refused_when_it_is_read(
    web: WebServer, tmp_path: Path
) -> None:
    contract = load_contract("retail", "invoices_url")
    web.files["/data.csv"] = Resource(b"<!doctype html><title>Log in</title>" * 9, etag='"1"')
    source = HttpFile(f"{web.url}/data.csv", MONTHS, retries=QUICK)
    with pytest.raises(NotADataFile, match="it is a web page"):
        bring(source, contract, FEBRUARY, tmp_path)


def test_a_reading_of_a_shop_reaches_the_lake_without_a_row_refused(
    web: WebServer, tmp_path: Path
) -> None:
    prices = (12.396694214, "1.299,00", "1.299", "0", None)
    for number, price in enumerate(prices):
        markup = {
            "@type": "Product",
            "name": f"Lantern, \u201ewhite\u201c\n{number}",
            "aggregateRating": {"ratingValue": "4.666666", "reviewCount": "1,234"},
            "offers": {"@type": "Offer", "price": price, "priceCurrency": "EUR"},
        }
        text = f"<script type='application/ld+json'>{json.dumps(markup)}</script>"
        web.files[f"/p/{number}"] = Resource(text.encode(), "text/html")
    places = "".join(f"<loc>{web.url}/p/{number}</loc>" for number in range(len(prices)))
    web.files["/sitemap.xml"] = Resource(f"<urlset>{places}</urlset>".encode(), "text/xml")
    source = ShopCatalogue(
        web.url,
        "data@lantern.example",
        now=lambda: datetime(2011, 1, 31, 23, 59, 59, tzinfo=UTC),
        pause=lambda seconds: None,
    )
    contract = load_contract("retail", "catalogue")
    result, _ = bring(source, contract, JANUARY, tmp_path)
    assert (result.rows_accepted, result.rows_quarantined) == (5, 0)
    found = [
        dict(zip(contract.column_names, row, strict=True))
        for row in rows(contract, JANUARY, tmp_path)
    ]
    assert [row["price"] for row in found] == [
        Decimal("12.3967"),
        Decimal("1299.0000"),
        None,
        Decimal("0.0000"),
        None,
    ]
    assert {row["rating"] for row in found} == {Decimal("4.6667")}
    assert {row["review_count"] for row in found} == {1234}
    assert next(row["name"] for row in found) == "Lantern, \u201ewhite\u201c 0"
    assert len(web.asked) == 7
    assert bring(source, contract, JANUARY, tmp_path)[0].unchanged
    assert len(web.asked) == 7, "a second reading of the same day is not made"
