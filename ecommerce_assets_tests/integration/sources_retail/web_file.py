"""A file on the tests' own web server, and the source that fetches it."""

from __future__ import annotations

import hashlib
import random

from ecommerce_assets.lib.sources.web.file import HttpFile
from ecommerce_assets_tests.integration.sources_retail.retries import MONTHS, QUICK
from ecommerce_assets_tests.support.servers.web import Resource, WebServer

OLD_DATE = "Thu, 02 Dec 2010 08:00:00 GMT"
OLD = b"InvoiceNo,Quantity\n" + random.Random(1).randbytes(1_500_000).hex().encode()
NEW = b"InvoiceNo,Quantity\n" + random.Random(2).randbytes(1_500_000).hex().encode()


def tagged(body: bytes, **changed: object) -> Resource:
    etag = f'"{hashlib.md5(body).hexdigest()}"'
    return Resource(body, **{"etag": etag, **changed})  # type: ignore[arg-type]


def source(web: WebServer, path: str = "/data.csv", **changed: object) -> HttpFile:
    known: dict[str, object] = {"retries": QUICK, "read_timeout_s": 20.0}
    return HttpFile(f"{web.url}{path}", MONTHS, **{**known, **changed})  # type: ignore[arg-type]


def ranges(web: WebServer) -> list[str | None]:
    return [asked.headers.get("Range") for asked in web.asked if asked.method == "GET"]
