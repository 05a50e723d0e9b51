"""A source that is down, beside one that is not: the models go on, and what is missing is said."""

from __future__ import annotations

import time
from pathlib import Path

from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets_tests.pipeline.shop import Shop
from ecommerce_assets_tests.pipeline.tables import query
from ecommerce_assets_tests.support.servers.ports import free_port
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

RANGE = "2010-12:2011-02"
BEHIND = """
    select cast(month_date as varchar), archive_is_loaded, url_is_loaded, sources_behind
    from retail_marts.mart_retail_source_reconciliation order by month_date
"""


def test_a_second_source_that_is_down_holds_up_its_own_months_alone_and_is_asked_once(
    tmp_path: Path,
) -> None:
    address = f"http://127.0.0.1:{free_port()}/data.csv"
    settings = {"ECOMMERCE_RETAIL_MONTHS": RANGE, "ECOMMERCE_SAMPLE_INVOICE_LINES": "600"}
    shop = Shop(tmp_path / "home", {**settings, "ECOMMERCE_RETAIL_URL": address})

    done = shop.run("backfill", "retail")

    assert done.code == ExitCode.FAILED, done.output
    assert "Traceback" not in done.output
    assert done.output.count("retail.invoices_url, 2010-12 to 2011-02 failed:") == 1
    assert done.output.count(" failed:") == 1
    rows = query(shop.warehouse, "select count(*) > 0 from retail_marts.fct_retail_invoice_lines")
    assert rows == [(True,)]
    assert query(shop.home / "published.duckdb", BEHIND) == [
        (month, True, False, "url: never loaded")
        for month in ("2010-12-01", "2011-01-01", "2011-02-01")
    ]

    with WebServer() as web:
        (file,) = [path for path in shop.delivered() if path.name.startswith("data.csv")]
        web.files[f"/{file.name}"] = Resource(file.read_bytes(), etag='"one"')
        here = f"{web.url}/{file.name}"
        shop.ok("backfill", "retail", ECOMMERCE_RETAIL_URL=here)
    assert {row[1:] for row in query(shop.home / "published.duckdb", BEHIND)} == {
        (True, True, None)
    }

    before = time.time()
    again = shop.run("backfill", "retail", ECOMMERCE_RETAIL_URL=here)
    assert again.code == ExitCode.FAILED, again.output
    (text,) = {row[3] for row in query(shop.home / "published.duckdb", BEHIND)}
    assert text.startswith("url: rows of 20")
    assert time.time() - before < 240, "the source had its retries once, and not for every month"
