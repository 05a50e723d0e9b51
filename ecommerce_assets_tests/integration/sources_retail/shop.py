"""A shop on the tests' own web server: its pages, its sitemaps, and the source that reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from ecommerce_assets.lib.sources.catalogue.shop import Report, ShopCatalogue
from ecommerce_assets_tests.integration.sources_retail.retries import QUICK
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

#: Reads the shop; gives the rows and the report.
Read = Callable[..., tuple[list[dict[str, str]], Report]]
NOW = datetime(2026, 11, 30, 23, 59, 58, tzinfo=UTC)
MONTH = date(2026, 11, 1)
CONTACT = "data@lantern.example"


def html(body: str, **changed: Any) -> Resource:
    known: dict[str, Any] = {"content_type": "text/html; charset=utf-8", "headers": {}}
    return Resource(f"<html>{body}</html>".encode(), **{**known, **changed})


def product(number: int, price: Any = None, **changed: Any) -> Resource:
    markup = {
        "@type": "Product",
        "sku": f"SKU-{number}",
        "name": f"Lantern, {number}",
        "offers": {"@type": "Offer", "price": price or number + 0.5, "priceCurrency": "EUR"},
    }
    text = f'<script type="application/ld+json">{json.dumps(markup)}</script>'
    return html(text, **{"etag": f'"{number}-{price}"', **changed})


def sitemap(web: WebServer, *paths: str, kind: str = "urlset") -> Resource:
    places = [path if "://" in path else f"{web.url}{path}" for path in paths]
    inner = "".join(f"<x><loc>{place.replace('&', '&amp;')}</loc></x>" for place in places)
    return Resource(f"<?xml version='1.0'?><{kind}>{inner}</{kind}>".encode(), "application/xml")


def catalogue(shop: WebServer, **changed: Any) -> ShopCatalogue:
    known: dict[str, Any] = {
        "site": shop.url,
        "contact": CONTACT,
        "retries": QUICK,
        "now": lambda: NOW,
        "pause": lambda seconds: None,
    }
    return ShopCatalogue(**{**known, **changed})
