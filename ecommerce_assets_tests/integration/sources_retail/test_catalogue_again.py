"""A shop that is read again is asked for little, and a reading that stopped goes on."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets_tests.integration.sources_retail.shop import (
    CONTACT,
    NOW,
    Read,
    html,
    product,
    sitemap,
)
from ecommerce_assets_tests.support.builders import start_python
from ecommerce_assets_tests.support.servers.web import WebServer


def test_pages_are_bounded_and_those_with_products_come_first(
    shop: WebServer, read: Read, tmp_path: Path
) -> None:
    about = [f"/about/{number}" for number in range(20)]
    shop.files.update({path: html("About us.") for path in about})
    shop.files["/sitemap.xml"] = sitemap(shop, *about, *[f"/p/{number}" for number in range(1, 7)])
    state = tmp_path / "state.sqlite"
    rows, report = read(max_pages=23, state=state)
    assert len(rows) == 3
    assert not report.complete
    assert report.skipped["over_page_limit"] == 3
    shop.asked.clear()
    tomorrow = NOW.replace(day=29)
    rows, report = read(max_pages=6, state=state, now=lambda: tomorrow)
    assert [row["sku"] for row in rows] == [f"SKU-{number}" for number in range(1, 7)]
    assert len(shop.asked) == 8
    endless = [f"/endless/{number}" for number in range(10_000)]
    shop.otherwise = lambda path: html("Page after page.")
    shop.files["/sitemap.xml"] = sitemap(shop, "/p/1", *endless)
    shop.asked.clear()
    rows, report = read(max_pages=12)
    assert (len(rows), len(shop.asked), report.skipped["over_page_limit"]) == (1, 14, 9989)
    with pytest.raises(NotADataFile, match="over_time_limit 10001"):
        read(max_pages=20_000, longest_s=-1.0)


def test_an_unchanged_page_is_not_sent_again(shop: WebServer, read: Read, tmp_path: Path) -> None:
    state = tmp_path / "kept" / "state.sqlite"
    first, _ = read(state=state, now=lambda: NOW.replace(day=28))
    shop.files["/p/2"] = product(2, 77)
    shop.files["/p/3"].etag = None
    shop.files["/p/4"].status = 404
    shop.asked.clear()
    rows, report = read(state=state, now=lambda: NOW.replace(day=29))
    assert {asked.path: asked.status for asked in shop.asked if "/p/" in asked.path} == {
        "/p/1": 304,
        "/p/2": 200,
        "/p/3": 200,
        "/p/4": 404,
        "/p/5": 304,
        "/p/6": 304,
    }
    assert report.unchanged == 3
    prices = {row["sku"]: row["price"] for row in rows}
    assert prices == {"SKU-1": "1.5", "SKU-2": "77", "SKU-3": "3.5", "SKU-5": "5.5", "SKU-6": "6.5"}
    assert {row["fetched_at"][:10] for row in rows} == {"2026-11-29"}
    assert first[0]["fetched_at"].startswith("2026-11-28")


def test_a_reading_that_was_killed_goes_on_and_leaves_no_half_file(
    shop: WebServer, read: Read, tmp_path: Path
) -> None:
    shop.files["/p/5"].silent_after = 10
    state = tmp_path / "state.sqlite"
    process = start_python(READ_SHOP, shop.url, str(tmp_path / "out"), str(state))
    assert process.stdout
    assert [process.stdout.readline() for _ in range(4)] == ["page\n"] * 4
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list((tmp_path / "out").glob("*.csv")) == []
    shop.files["/p/5"].silent_after = None
    shop.asked.clear()
    rows, report = read(state=state)
    assert len(rows) == 6
    assert [path for path in shop.paths() if "/p/" in path] == ["/p/5", "/p/6"]
    assert report.unchanged == 4


#: Reads the shop `argv[1]` into `argv[2]` with the state `argv[3]`, telling after each page.
READ_SHOP = f"""
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from ecommerce_assets.lib.sources.catalogue.shop import ShopCatalogue

shop = ShopCatalogue(
    sys.argv[1],
    "{CONTACT}",
    state=Path(sys.argv[3]),
    now=lambda: datetime.fromisoformat("{NOW.isoformat()}"),
    pause=lambda seconds: None,
)
shop.fetch(
    shop.find(date({NOW.year}, {NOW.month}, 1)),
    Path(sys.argv[2]),
    lambda done, total: print("page", flush=True),
)
"""
