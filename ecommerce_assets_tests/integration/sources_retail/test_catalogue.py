"""A shop is read politely, completely where it lets us, and its misbehaviour breaks nothing."""

from __future__ import annotations

import gzip
import logging
from datetime import date

import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    NotADataFile,
    PermanentFailure,
    SettingMissing,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.catalogue.shop import COLUMNS, Report
from ecommerce_assets_tests.integration.sources_retail.shop import (
    CONTACT,
    MONTH,
    NOW,
    Read,
    catalogue,
    html,
    product,
    sitemap,
)
from ecommerce_assets_tests.support.servers.web import Resource, WebServer


def test_every_offer_is_a_row_as_the_contract_wants_it(shop: WebServer, read: Read) -> None:
    rows, report = read()
    assert list(rows[0]) == list(COLUMNS) == load_contract("retail", "catalogue").column_names
    assert [(row["sku"], row["name"], row["price"]) for row in rows] == [
        (f"SKU-{number}", f"Lantern, {number}", f"{number}.5") for number in range(1, 7)
    ]
    assert {row["shop"] for row in rows} == {"127.0.0.1"}
    assert {row["fetched_at"] for row in rows} == {"2026-11-30 23:59:58 UTC"}
    assert report == Report(
        listed=7,
        asked=9,
        products=6,
        offers=6,
        skipped=report.skipped,
        examples={"no_product": [f"{shop.url}/about"]},
    )
    assert report.skipped == {"no_product": 1}
    assert shop.paths() == [
        "/robots.txt",
        "/sitemap.xml",
        *[f"/p/{number}" for number in range(1, 7)],
        "/about",
    ]


def test_the_visitor_says_who_it_is_and_keeps_no_cookie(shop: WebServer, read: Read) -> None:
    for page in shop.files.values():
        page.headers = {"Set-Cookie": "session=1; Path=/"}
    read()
    assert {asked.headers["User-Agent"] for asked in shop.asked} == {
        f"ecommerce-lakehouse/0.1 (+{CONTACT})"
    }
    assert all("Cookie" not in asked.headers for asked in shop.asked)
    assert {asked.method for asked in shop.asked} == {"GET"}
    for contact in (None, "", "nobody", "a@b", "x@y.example\r\nCookie: 1"):
        with pytest.raises(SettingMissing) as caught:
            catalogue(shop, contact=contact)
        assert "ECOMMERCE_CATALOGUE_CONTACT" in caught.value.cure


@pytest.mark.parametrize(
    ("rules", "delay"),
    [
        ("User-agent: *\nDisallow: /p/2\nDisallow: /p/3\n", 2.0),
        ("User-agent: *\nAllow: /\nDisallow: /p/2$\nDisallow: /*/3\nCrawl-delay: 1\n", 2.0),
        (
            "User-agent: *\nDisallow: /\n\nUser-agent: Ecommerce-Lakehouse\n"
            "Disallow: /p\nAllow: /p/1\nAllow: /p/4\nAllow: /p/5\nAllow: /p/6\nCrawl-delay: 7\n",
            7.0,
        ),
        ("User-agent: *\nRequest-rate: 1/30\nDisallow: /p/2\nDisallow: /p/3\n", 30.0),
    ],
    ids=["plain", "wildcards", "for this visitor", "rate"],
)
def test_the_rules_of_the_shop_are_kept(
    shop: WebServer, read: Read, rules: str, delay: float
) -> None:
    shop.files["/robots.txt"] = Resource(rules.encode(), "text/plain")
    pauses: list[float] = []
    rows, report = read(pause=pauses.append, clock=lambda: 100.0)
    assert [row["sku"] for row in rows] == ["SKU-1", "SKU-4", "SKU-5", "SKU-6"]
    assert not {"/p/2", "/p/3"} & set(shop.paths())
    assert report.skipped["robots"] == 2
    assert pauses == [delay] * (len(shop.asked) - 1), "before every request but the first"


def test_a_shop_without_rules_is_read_and_one_whose_rules_cannot_be_had_is_not(
    shop: WebServer, read: Read
) -> None:
    for status in (404, 403, 401):
        shop.files["/robots.txt"].status = status
        assert len(read()[0]) == 6
    shop.files["/robots.txt"].status = 503
    shop.asked.clear()
    with pytest.raises(TransientFailure, match=r"robots\.txt has trouble of its own"):
        read()
    assert set(shop.paths()) == {"/robots.txt"}
    shop.files["/robots.txt"] = Resource(
        b"", status=301, headers={"Location": "https://elsewhere.example/robots.txt"}
    )
    with pytest.raises(PermanentFailure, match=r"rules of .* cannot be read") as caught:
        read()
    assert "ECOMMERCE_CATALOGUE_SITE" in caught.value.cure


def test_sitemaps_of_any_form_are_found_and_loops_and_endless_ones_end(
    shop: WebServer, read: Read
) -> None:
    shop.files["/robots.txt"] = Resource(
        f"Sitemap: {shop.url}/index.xml\nSitemap: {shop.url}/list.txt\n".encode(), "text/plain"
    )
    shop.files["/index.xml"] = sitemap(
        shop,
        "/index.xml",
        "/packed.xml.gz",
        "/broken.xml.gz",
        "/gone.xml",
        "/cdata.xml",
        "https://elsewhere.example/sitemap.xml",
        kind="sitemapindex",
    )
    packed = gzip.compress(sitemap(shop, "/p/1", "/p/2?size=1&colour=2").body)
    shop.files["/packed.xml.gz"] = Resource(packed, "application/gzip")
    shop.files["/broken.xml.gz"] = Resource(b"\x1f\x8b\x08broken", "application/gzip")
    shop.files["/cdata.xml"] = Resource(
        f"<urlset><url><loc>\n<![CDATA[{shop.url}/p/3]]>\n</loc>".encode(), "application/xml"
    )
    shop.files["/list.txt"] = Resource(f"{shop.url}/p/4\r\n\r\n".encode(), "text/plain")
    rows, report = read()
    assert [row["sku"] for row in rows] == ["SKU-4", "SKU-1", "SKU-2", "SKU-3"]
    assert rows[2]["url"] == f"{shop.url}/p/2?size=1&colour=2"
    assert not report.complete
    assert report.skipped == {
        "sitemap_damaged": 1,
        "sitemap_http_404": 1,
        "sitemap_other_host": 1,
    }
    shop.otherwise = lambda path: sitemap(shop, f"{path}0", "/p/5", kind="sitemapindex")
    shop.files["/index.xml"] = sitemap(shop, "/more/1", kind="sitemapindex")
    shop.asked.clear()
    rows, report = read()
    assert [row["sku"] for row in rows] == ["SKU-4"]
    assert report.skipped["sitemap_over_limit"] == 1
    assert len(shop.asked) < 110


def test_ten_kinds_of_bad_pages_are_left_out_each_with_its_reason(
    shop: WebServer, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    away = {"Location": "https://elsewhere.example/p/1"}
    to_basket = {"Location": f"{shop.url}/basket/add"}
    to_itself = {"Location": f"{shop.url}/wall", "Set-Cookie": "consent=1"}
    big = product(1).body + b"<p>" * 200_000
    bad = {
        "http://127.0.0.1:99999/x": (None, "bad_address"),
        "http://[::1": (None, "bad_address"),
        f"{shop.url}/a b": (None, "bad_address"),
        f"{shop.url}/\x01": (None, "bad_address"),
        "javascript://127.0.0.1/%0aalert(1)": (None, "other_host"),
        "/basket/1": (product(1), "robots"),
        "https://elsewhere.example/p/1": (None, "other_host"),
        "/away": (html("", status=302, headers=away), "redirected_away"),
        "/to-basket": (html("", status=302, headers=to_basket), "redirected_away"),
        "/wall": (html("", status=302, headers=to_itself), "redirected_away"),
        "/image": (Resource(b"\x89PNG", "image/png"), "not_html"),
        "/giant": (Resource(big, "text/html"), "too_large"),
        "/endless": (Resource(big, "text/html", measured="chunks"), "too_large"),
        "/bomb": (
            Resource(gzip.compress(big), "text/html", headers={"Content-Encoding": "gzip"}),
            "too_large",
        ),
        "/gone": (product(1, status=410), "http_410"),
        "/login": (product(1, status=403), "refused"),
        "/broken": (html('<script type="application/ld+json">{"@type": </script>'), "no_product"),
        "/slow": (html("<p>" * 50_000, drips=True), "too_slow"),
        "/silent": (product(1, silent_after=10), "not_answering"),
        "/down": (product(1, status=500), "not_answering"),
    }
    shop.files.update({path: page for path, (page, _) in bad.items() if page})
    shop.files["/sitemap.xml"] = sitemap(shop, *bad, "/p/1", "/unclear", "/comma")
    shop.files["/unclear"] = product(8, "1.299")
    shop.files["/comma"] = product(9, "1.299,00")
    rows, report = read(max_page_bytes=300_000, longest_page_s=0.2)
    assert [(row["sku"], row["price"], row["price_text"]) for row in rows] == [
        ("SKU-1", "1.5", "1.5"),
        ("SKU-8", "", "1.299"),
        ("SKU-9", "1299.00", "1.299,00"),
    ]
    reasons = [reason for _, reason in bad.values()]
    wanted = {reason: reasons.count(reason) for reason in reasons}
    assert report.skipped == {**wanted, "broken_markup": 1, "price_unclear": 1}
    assert report.examples["price_unclear"] == [f"{shop.url}/unclear"]
    assert "/basket/add" not in shop.paths()
    assert all("Cookie" not in asked.headers for asked in shop.asked)
    assert report.complete, "what was left out is not there to be had"
    assert "'redirected_away': 3" in caplog.text


def test_a_shop_that_asks_for_patience_gets_it(shop: WebServer, read: Read) -> None:
    shop.faults.statuses = [
        *[(200, {})] * 2,
        (429, {"Retry-After": "0"}),
        (503, {}),
    ]
    assert len(read()[0]) == 6
    shop.faults.statuses = [*[(200, {})] * 3, (429, {"Retry-After": "86400"})]
    shop.asked.clear()
    with pytest.raises(TransientFailure, match="asks for fewer calls") as caught:
        read()
    assert caught.value.retry_after_s == 86400
    assert len(shop.asked) == 4, "it is not asked again"


@pytest.mark.parametrize(("status", "kind"), [(503, TransientFailure), (403, CredentialsRefused)])
def test_a_shop_that_refuses_everything_is_left_alone(
    shop: WebServer, read: Read, status: int, kind: type[Exception]
) -> None:
    shop.files["/sitemap.xml"] = sitemap(shop, *[f"/p/{number}" for number in range(50)])
    shop.otherwise = lambda path: product(0, status=status)
    for number in range(1, 7):
        shop.files[f"/p/{number}"].status = status
    with pytest.raises(kind):
        read()
    assert len({path for path in shop.paths() if path.startswith("/p/")}) == 10


def test_only_the_current_month_is_offered_and_a_day_is_a_version(shop: WebServer) -> None:
    source = catalogue(shop)
    file = source.find(MONTH)
    assert file.name == "2026-Nov.csv"
    assert source.available() == {MONTH: file}
    with pytest.raises(SourceMissing, match="shows prices of today, none of 2026-10") as caught:
        source.find(date(2026, 10, 1))
    assert "2026-11" in caught.value.cure
    later = catalogue(shop, now=lambda: NOW.replace(hour=1))
    assert later.find(MONTH).version == file.version
    assert catalogue(shop, now=lambda: NOW.replace(day=1)).find(MONTH).version != file.version
    assert shop.asked == [], "nothing is asked for that"
    for site in ("lantern.example", "ftp://lantern.example", "https://me:s3cr3t@lantern.example"):
        with pytest.raises(PermanentFailure) as refused:
            catalogue(shop, site=site)
        assert "s3cr3t" not in str(refused.value)


def test_a_shop_without_products_is_told_with_the_reasons(shop: WebServer, read: Read) -> None:
    shop.files["/sitemap.xml"] = sitemap(shop, "/about", "/basket/1", "/nowhere")
    with pytest.raises(NotADataFile, match="http_404 1, no_product 1, robots 1") as caught:
        read()
    assert "JSON-LD" in caught.value.cure
