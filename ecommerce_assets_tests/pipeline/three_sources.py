"""One file of invoices behind three servers: Kaggle, an address, a PostgreSQL database.

Belongs here: serving the file in three ways, and the shop that is told of them. Stays out: what is
asserted.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from ecommerce_assets_tests.pipeline.shop import ROOT, Shop
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer
from ecommerce_assets_tests.support.servers.postgres import PostgresServer
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

REAL = ROOT.parent / "shared" / "data" / "retail" / "data.csv.gz"
KAGGLE = "carrie1/ecommerce-data"
TABLE = """
    create schema myschema;
    create table myschema.ecomm_invoice (
        "InvoiceNo" text, "StockCode" text, "Description" text, "Quantity" integer,
        "InvoiceDate" timestamp, "UnitPrice" numeric, "CustomerID" text, "Country" text
    );
    create database target;
"""
COPY = "copy myschema.ecomm_invoice from stdin (format csv, header true)"


@dataclass(frozen=True)
class ThreeSources:
    """A shop whose three sources hold the same invoices, and its servers."""

    shop: Shop
    web: WebServer
    kaggle: KaggleServer
    source: str
    target: str


def real_lines(months: tuple[str, ...]) -> bytes:
    """The real file's header and its rows of the months, written as `12/2010`; all without any."""
    first, *rest = gzip.decompress(REAL.read_bytes()).splitlines(keepends=True)
    if not months:
        return first + b"".join(rest)
    wanted = {tuple(month.split("/")) for month in months}
    kept = []
    for line in rest:
        (row,) = csv.reader([line.decode("cp1252")])
        month, _, year = row[4].split(" ")[0].split("/")
        if (month, year) in wanted:
            kept.append(line)
    return first + b"".join(kept)


@contextmanager
def three_sources(home: Path, content: bytes, **variables: str) -> Iterator[ThreeSources]:
    """Serve a file in the layout of Online Retail in three ways.

    Args:
        home: of the shop.
        content: the file's bytes, in Windows-1252.
        variables: more of the shop's settings.
    """
    with ExitStack() as stack:
        web = stack.enter_context(WebServer())
        web.files["/data.csv"] = Resource(content, etag='"one"')
        kaggle = stack.enter_context(KaggleServer())
        kaggle.publish(KAGGLE, {"data.csv": content})
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="postgres-of-tests-"))
        Path(folder).chmod(0o755)
        server = stack.enter_context(PostgresServer(Path(folder)))
        with psycopg.connect(server.dsn, autocommit=True) as db:
            for statement in TABLE.split(";"):
                if statement.strip():
                    db.execute(statement.encode())
        with psycopg.connect(server.dsn) as db, db.cursor() as cursor, cursor.copy(COPY) as copy:
            copy.write(iso_dates(content))
        target = server.address(db="target")
        shop = Shop(
            home,
            {
                "ECOMMERCE_RETAIL_SOURCE": "kaggle",
                "ECOMMERCE_KAGGLE_ENDPOINT": kaggle.url,
                "KAGGLE_USERNAME": "demo",
                "KAGGLE_KEY": kaggle.keys["demo"],
                "ECOMMERCE_RETAIL_URL": f"{web.url}/data.csv",
                "ECOMMERCE_RETAIL_POSTGRES": server.dsn,
                "ECOMMERCE_RETAIL_TARGET_POSTGRES": target,
                **variables,
            },
        )
        yield ThreeSources(shop, web, kaggle, server.dsn, target)


def iso_dates(content: bytes) -> bytes:
    """The file as PostgreSQL reads it: UTF-8, and dates that nobody can read month for day."""
    rows = csv.reader(io.StringIO(content.decode("cp1252"), newline=""))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(next(rows))
    for row in rows:
        row[4] = datetime.strptime(row[4], "%m/%d/%Y %H:%M").isoformat(" ")
        writer.writerow(row)
    return out.getvalue().encode()
