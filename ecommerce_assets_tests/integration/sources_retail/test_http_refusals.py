"""Trouble passes or is final, and a server that leads astray or sends too much is refused."""

from __future__ import annotations

import base64
import gzip
import logging
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    LakehouseError,
    NotADataFile,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.web.file import HttpFile
from ecommerce_assets_tests.integration.sources_retail.retries import JANUARY, MONTHS, QUICK
from ecommerce_assets_tests.integration.sources_retail.web_file import (
    OLD,
    source,
    tagged,
)
from ecommerce_assets_tests.support.servers.web import Resource, WebServer


def test_trouble_that_passes_is_waited_for(
    web: WebServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    web.files["/data.csv"] = tagged(OLD)
    web.faults.statuses = [(503, {}), (429, {"Retry-After": "0.04"}), (200, {}), (500, {})]
    shop = source(web)
    assert shop.fetch(shop.find(JANUARY), tmp_path).read_bytes() == OLD
    assert [asked.status for asked in web.asked] == [503, 429, 200, 500, 200]
    web.faults.statuses = [(429, {"Retry-After": "3600"})] * 9
    with pytest.raises(TransientFailure, match=r"fewer calls \(HTTP 429\), 3 times") as caught:
        shop.find(JANUARY)
    assert caught.value.retry_after_s == 3600


def test_a_server_that_falls_silent_counts_as_broken(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD, silent_after=1_000_000, ranges=False)
    shop = source(web, read_timeout_s=0.2, retries=Retries(2, 0.01, 0.01))
    with pytest.raises(TransientFailure, match=r"fell silent \(ReadTimeout\)") as caught:
        shop.fetch(shop.find(JANUARY), tmp_path)
    assert "What has arrived is kept" in caught.value.message
    web.files["/data.csv"] = tagged(OLD, silent_after=1_000_000)
    assert shop.fetch(shop.find(JANUARY), tmp_path).read_bytes() == OLD, "a megabyte at a time"


@pytest.mark.parametrize(
    ("status", "kind", "cure"),
    [
        (401, CredentialsRefused, "password or token"),
        (403, CredentialsRefused, "signed address may have expired"),
        (404, SourceMissing, "in a browser"),
        (410, SourceMissing, "in a browser"),
        (400, PermanentFailure, "check the address"),
    ],
)
def test_a_refusal_is_final_and_says_what_to_do(
    web: WebServer, status: int, kind: type[LakehouseError], cure: str
) -> None:
    web.files["/data.csv"] = tagged(OLD)
    web.faults.statuses = [(status, {})] * 9
    with pytest.raises(kind, match=f"HTTP {status}") as caught:
        source(web).find(JANUARY)
    assert cure in caught.value.cure
    assert len(web.asked) == 2, "by HEAD and by GET, and not again"


def test_safe_redirects_are_followed_and_others_refused(web: WebServer, tmp_path: Path) -> None:
    web.files["/real/2010.csv"] = tagged(OLD)

    def leads_to(place: str) -> None:
        web.files["/data.csv"] = Resource(b"", status=302, headers={"Location": place})

    leads_to("/real/2010.csv?signature=s3cr3t")
    shop = source(web)
    assert shop.fetch(shop.find(JANUARY), tmp_path).read_bytes() == OLD
    leads_to("/data.csv")
    with pytest.raises(PermanentFailure, match="ever another address"):
        shop.find(JANUARY)
    for place in ("ftp://127.0.0.1/data.csv", "file:///etc/passwd"):
        leads_to(place)
        with pytest.raises(PermanentFailure, match="which is not followed") as caught:
            shop.find(JANUARY)
        assert "passwd" not in str(caught.value)


def test_a_giant_is_refused_before_it_arrives(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD)
    with pytest.raises(NotADataFile, match="longer than 1,000,000 bytes"):
        source(web, max_bytes=1_000_000).find(JANUARY)
    web.files["/data.csv"] = tagged(OLD, measured="chunks")
    shop = source(web, max_bytes=1_000_000)
    with pytest.raises(NotADataFile, match="longer than 1,000,000 bytes"):
        shop.fetch(shop.find(JANUARY), tmp_path)


def test_no_key_is_shown_anywhere(
    web: WebServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    web.files["/data.csv"] = tagged(OLD)
    url = f"http://shop:s3cr3t@127.0.0.1:{web.port}/data.csv?signature=t0ken"
    shop = HttpFile(url, MONTHS, retries=QUICK)
    file = shop.find(JANUARY)
    shop.fetch(file, tmp_path)
    web.faults.statuses = [(403, {})] * 9
    with pytest.raises(CredentialsRefused) as caught:
        shop.find(JANUARY)
    told = f"{caplog.text} {file} {shop!r} {caught.value} {caught.value.__context__!r}"
    assert "s3cr3t" not in told
    assert "t0ken" not in told
    assert file.location == f"http://127.0.0.1:{web.port}/data.csv?…"
    login = base64.b64encode(b"shop:s3cr3t").decode()
    assert {asked.headers["Authorization"] for asked in web.asked} == {f"Basic {login}"}
    with pytest.raises(PermanentFailure) as refused:
        HttpFile("ftp://shop:s3cr3t@host/data.csv", MONTHS)
    assert "s3cr3t" not in str(refused.value)


def test_packed_files_come_as_they_are(web: WebServer, tmp_path: Path) -> None:
    packed = gzip.compress(OLD, mtime=0)
    web.files["/My data.csv.gz"] = tagged(packed, headers={"Content-Encoding": "gzip"})
    shop = source(web, "/My%20data.csv.gz")
    path = shop.fetch(shop.find(JANUARY), tmp_path)
    assert (path.name, path.read_bytes()) == ("My_data.csv.gz", packed)
    assert web.asked[-1].headers["Accept-Encoding"] == "identity"
    web.files["/data.csv"] = tagged(OLD, headers={"Content-Encoding": "br"})
    shop = source(web)
    with pytest.raises(NotADataFile, match="packed as 'br', unasked"):
        shop.fetch(shop.find(JANUARY), tmp_path)
