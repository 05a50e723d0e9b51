"""A file at an address arrives whole and unmixed, or not at all."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import signal
import time
from email.utils import formatdate
from pathlib import Path
from unittest.mock import Mock

import httpx
import pytest

from ecommerce_assets.lib.failures import (
    CorruptDownload,
    NotADataFile,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.web.headers import declared_by
from ecommerce_assets_tests.integration.sources_retail.retries import JANUARY, MONTHS
from ecommerce_assets_tests.integration.sources_retail.web_file import (
    NEW,
    OLD,
    OLD_DATE,
    ranges,
    source,
    tagged,
)
from ecommerce_assets_tests.support.builders import start_python
from ecommerce_assets_tests.support.servers.web import Resource, WebServer


def test_one_file_serves_all_its_months_and_costs_one_question(
    web: WebServer, tmp_path: Path
) -> None:
    web.files["/data.csv"] = tagged(OLD)
    shop = source(web)
    found = shop.available()
    assert list(found) == list(MONTHS)
    assert {file.shared_by for file in found.values()} == {3}
    assert len({id(file) for file in found.values()}) == 1
    assert web.paths("HEAD") == ["/data.csv"]
    assert web.paths() == []
    assert shop.find(JANUARY) == found[JANUARY]
    seen: list[tuple[int, int | None]] = []
    path = shop.fetch(found[JANUARY], tmp_path, lambda *at: seen.append(at))
    assert path == tmp_path / "data.csv"
    assert path.read_bytes() == OLD
    assert seen[-1] == (len(OLD), len(OLD))
    assert len(seen) > 2
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"
    with pytest.raises(SourceMissing, match="serves the months 2010-12 to 2011-02, not 2012-01"):
        shop.find(JANUARY.replace(year=2012))


def test_a_version_changes_with_the_content_and_with_nothing_else(web: WebServer) -> None:
    versions = []
    for file in (
        tagged(OLD),
        tagged(OLD, modified=OLD_DATE),
        tagged(OLD, head=False),
        tagged(NEW),
        Resource(OLD, modified=OLD_DATE),
        Resource(OLD, modified=OLD_DATE, head=False),
        Resource(NEW + b"\n", modified=OLD_DATE),
        Resource(OLD),
        Resource(OLD, measured="chunks"),
        Resource(NEW),
    ):
        web.files["/data.csv"] = file
        versions.append(source(web).find(JANUARY).version)
    tag, tag_and_date, tag_by_get, other_tag, day, day_by_get, other_day, *by_content = versions
    assert tag == tag_and_date == tag_by_get != other_tag
    assert day == day_by_get != other_day
    assert by_content[:2] == [f"sha256:{hashlib.sha256(OLD).hexdigest()}"] * 2
    assert by_content[2] == f"sha256:{hashlib.sha256(NEW).hexdigest()}"


@pytest.mark.parametrize("measured", ["length", "chunks"])
def test_a_download_that_breaks_off_goes_on_where_it_stopped(
    web: WebServer, tmp_path: Path, measured: str
) -> None:
    web.files["/data.csv"] = tagged(OLD, measured=measured)
    shop = source(web)
    file = shop.find(JANUARY)
    web.asked.clear()
    web.faults.cut_after = [1_000_000, 500_000, 700_000]
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    assert ranges(web) == [None, "bytes=1000000-", "bytes=1500000-", "bytes=2200000-"]
    named = {asked.headers.get("If-Range") for asked in web.asked}
    assert named == {None, web.files["/data.csv"].etag}


def test_a_killed_download_goes_on_in_the_next_process(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD, silent_after=2_000_000)
    shop = source(web)
    file = shop.find(JANUARY)
    process = start_python(FETCH, f"{web.url}/data.csv", str(tmp_path))
    assert process.stdout
    assert process.stdout.readline() == "a megabyte is here\n"
    arrived = wait_for_size(tmp_path, 2_000_000)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list(tmp_path.glob("data.csv")) == [], "nobody sees half of it"
    web.files["/data.csv"].silent_after = None
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    assert ranges(web)[-1] == f"bytes={arrived}-"


def test_a_process_that_ends_before_the_last_step_has_its_bytes_verified_and_not_sent_again(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = base64.b64encode(hashlib.sha256(OLD).digest()).decode()
    web.files["/data.csv"] = tagged(OLD, headers={"Repr-Digest": f"sha-256=:{sha256}:"})
    shop = source(web)
    file = shop.find(JANUARY)
    with monkeypatch.context() as patched:
        stopped = Mock(side_effect=KeyboardInterrupt)
        patched.setattr("ecommerce_assets.lib.sources.web.file.publish", stopped)
        with pytest.raises(KeyboardInterrupt):
            shop.fetch(file, tmp_path)
    web.asked.clear()
    assert shop.fetch(file, tmp_path / "elsewhere").read_bytes() == OLD
    assert len(web.asked) == 1
    (part,) = tmp_path.glob(".*.fetch/*.part")
    web.asked.clear()
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    assert web.asked == []
    assert not part.parent.exists()


def test_damage_on_the_disk_after_a_kill_is_found(web: WebServer, tmp_path: Path) -> None:
    sha256 = base64.b64encode(hashlib.sha256(OLD).digest()).decode()
    web.files["/data.csv"] = tagged(OLD, headers={"Repr-Digest": f"sha-256=:{sha256}:"})
    shop = source(web)
    file = shop.find(JANUARY)
    web.faults.cut_after = [1_000_000, 0, 0]
    with pytest.raises(TransientFailure):
        shop.fetch(file, tmp_path)
    (part,) = tmp_path.glob(".*.fetch/*.part")
    part.write_bytes(bytes(part.stat().st_size))
    web.asked.clear()
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    assert ranges(web) == ["bytes=1000000-", None]


@pytest.mark.parametrize("honest", [True, False], ids=["the server says so", "the server mixes"])
@pytest.mark.parametrize("size", ["same size", "other size"])
def test_a_file_that_changes_between_two_ranges_is_never_mixed(
    web: WebServer, tmp_path: Path, honest: bool, size: str
) -> None:
    new = NEW if size == "same size" else NEW + b"more"
    web.files["/data.csv"] = tagged(OLD)
    shop = source(web)
    file = shop.find(JANUARY)
    web.faults.cut_after = [1_000_000]
    third = len(web.asked) + 1

    def change(number: int) -> None:
        if number == third:
            web.files["/data.csv"] = tagged(new, honest=honest)

    web.before = change
    with pytest.raises(TransientFailure, match="changed since it was found") as caught:
        shop.fetch(file, tmp_path)
    assert "start this step again" in caught.value.cure
    assert list(tmp_path.glob("data.csv")) == []
    assert shop.fetch(shop.find(JANUARY), tmp_path).read_bytes() == new


def test_a_range_that_ends_too_early_is_asked_for_again(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD, short_by=1000)
    shop = source(web)
    file = shop.find(JANUARY)
    web.faults.cut_after = [1_000_000]
    with pytest.raises(TransientFailure, match=f"broke off: .* of {len(OLD):,} bytes"):
        shop.fetch(file, tmp_path)
    web.files["/data.csv"].short_by = 0
    assert shop.fetch(file, tmp_path).read_bytes() == OLD


def test_a_file_without_validators_that_changes_after_it_was_found_is_not_taken_for_it(
    web: WebServer, tmp_path: Path
) -> None:
    web.files["/data.csv"] = Resource(OLD)
    shop = source(web)
    file = shop.find(JANUARY)
    web.files["/data.csv"] = Resource(NEW)
    with pytest.raises(TransientFailure, match="changed since it was found"):
        shop.fetch(file, tmp_path)
    assert shop.fetch(shop.find(JANUARY), tmp_path).read_bytes() == NEW


def test_a_server_without_ranges_or_validators_is_asked_from_the_first_byte(
    web: WebServer, tmp_path: Path
) -> None:
    for file in (tagged(OLD, ranges=False), Resource(OLD, etag='W/"weak"'), Resource(OLD)):
        web.files["/data.csv"] = file
        shop = source(web)
        found = shop.find(JANUARY)
        web.asked.clear()
        web.faults.cut_after = [1_000_000, 2_000_000]
        assert shop.fetch(found, tmp_path).read_bytes() == OLD
        if file.etag != f'"{hashlib.md5(OLD).hexdigest()}"':
            assert set(ranges(web)) == {None}
        assert len(web.asked) == 3


def test_a_date_tells_versions_apart_once_it_is_a_minute_old(
    web: WebServer, tmp_path: Path
) -> None:
    just_now = formatdate(time.time() - 5, usegmt=True)
    for date, resumed in ((OLD_DATE, "bytes=1000000-"), (just_now, None)):
        web.files["/data.csv"] = Resource(OLD, modified=date)
        shop = source(web)
        file = shop.find(JANUARY)
        web.asked.clear()
        web.faults.cut_after = [1_000_000]
        assert shop.fetch(file, tmp_path).read_bytes() == OLD
        assert ranges(web) == [None, resumed]
        assert web.asked[-1].headers.get("If-Range") == (date if resumed else None)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({}, True),
        ({"Content-Range": "bytes 500-999/*"}, True),
        ({"ETag": ""}, True),
        ({"Content-Range": "bytes 0-999/1000"}, False),
        ({"Content-Range": "bytes 501-999/1000"}, False),
        ({"Content-Range": "bytes 500-998/1000"}, False),
        ({"Content-Range": "bytes 500-1000/1001"}, False),
        ({"Content-Range": ""}, False),
        ({"ETag": '"b"'}, False),
        ({"Last-Modified": "Fri, 03 Dec 2010 08:00:00 GMT"}, False),
        ({"Repr-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}, False),
    ],
)
def test_a_part_is_gone_on_with_only_if_it_is_of_the_same_file(
    changed: dict[str, str], same: bool
) -> None:
    digest = base64.b64encode(b"x" * 32).decode()
    whole = {"ETag": '"a"', "Last-Modified": OLD_DATE, "Repr-Digest": f"sha-256=:{digest}:"}
    first = httpx.Response(200, headers={**whole, "Content-Length": "1000"})
    rest = {**whole, "Content-Range": "bytes 500-999/1000", "Content-Length": "500"}
    second = httpx.Response(206, headers={**rest, **changed})
    assert declared_by(first).continued_by(second, 500) == same


def test_a_full_disk_is_told_and_what_has_arrived_is_kept(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD)
    shop = source(web)
    file = shop.find(JANUARY)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(PermanentFailure, match="could not write") as caught:
            shop.fetch(file, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "free some space" in caught.value.cure
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    assert ranges(web)[-1] == "bytes=1000000-"


@pytest.mark.parametrize("measured", ["length", "chunks"])
def test_a_truncated_body_is_never_accepted(web: WebServer, tmp_path: Path, measured: str) -> None:
    web.files["/data.csv"] = Resource(OLD, etag='W/"weak"', measured=measured)
    shop = source(web)
    file = shop.find(JANUARY)
    web.faults.cut_after = [1_000_000] * 10
    with pytest.raises(TransientFailure, match=r"3 times\. What has arrived is kept"):
        shop.fetch(file, tmp_path)
    assert list(tmp_path.glob("data.csv")) == []


def test_a_body_without_a_length_needs_a_checksum(web: WebServer, tmp_path: Path) -> None:
    web.files["/data.csv"] = tagged(OLD, measured="nothing")
    shop = source(web)
    with pytest.raises(NotADataFile, match="does not say how long") as caught:
        shop.fetch(shop.find(JANUARY), tmp_path)
    assert "#sha256=" in caught.value.cure
    pinned = source(web, f"/data.csv#sha256={hashlib.sha256(OLD).hexdigest()}")
    web.faults.cut_after = [1_000_000]
    assert pinned.fetch(pinned.find(JANUARY), tmp_path).read_bytes() == OLD


@pytest.mark.parametrize("header", ["Repr-Digest", "Digest", "x-goog-hash"])
def test_a_checksum_of_the_server_is_compared(web: WebServer, tmp_path: Path, header: str) -> None:
    def declared(body: bytes) -> dict[str, str]:
        sha256 = base64.b64encode(hashlib.sha256(body).digest()).decode()
        md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
        form = {"Repr-Digest": f"sha-256=:{sha256}:", "Digest": f"SHA-256={sha256}"}
        return {header: form.get(header, f"crc32c=AAAAAA==,md5={md5}")}

    web.files["/data.csv"] = tagged(OLD, headers=declared(NEW))
    shop = source(web)
    file = shop.find(JANUARY)
    with pytest.raises(CorruptDownload, match="twice not had the checksum that its server"):
        shop.fetch(file, tmp_path)
    assert list(tmp_path.glob("data.csv")) == []
    web.files["/data.csv"] = tagged(OLD, headers=declared(OLD))
    assert shop.fetch(file, tmp_path).read_bytes() == OLD


def test_a_damaged_transfer_is_healed(web: WebServer, tmp_path: Path) -> None:
    sha256 = base64.b64encode(hashlib.sha256(OLD).digest()).decode()
    right = tagged(OLD, headers={"Repr-Digest": f"sha-256=:{sha256}:"})
    damaged = Resource(NEW, etag=right.etag, headers=right.headers)
    web.files["/data.csv"] = damaged
    shop = source(web)
    file = shop.find(JANUARY)
    web.before = lambda number: web.files.update({"/data.csv": right if number > 1 else damaged})
    assert shop.fetch(file, tmp_path).read_bytes() == OLD


def test_the_checksum_that_a_user_sets_is_the_version(web: WebServer, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(OLD).hexdigest()
    web.files["/data.csv"] = tagged(OLD)
    shop = source(web, sha256=sha256.upper())
    file = shop.find(JANUARY)
    assert file.version == f"sha256:{sha256}"
    assert shop.fetch(file, tmp_path).read_bytes() == OLD
    web.files["/data.csv"] = tagged(NEW)
    assert shop.find(JANUARY) == file
    with pytest.raises(CorruptDownload, match="twice not had the checksum that was set"):
        shop.fetch(file, tmp_path)
    with pytest.raises(PermanentFailure, match="is not a SHA-256 checksum"):
        source(web, sha256="abc")


#: Fetches `argv[1]` into the folder `argv[2]` and tells when a megabyte is there.
FETCH = """
import sys
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.sources.web.file import HttpFile

shop = HttpFile(sys.argv[1], [date(2010, 12, 1), date(2011, 1, 1), date(2011, 2, 1)])
shop.fetch(
    shop.find(date(2011, 1, 1)),
    Path(sys.argv[2]),
    lambda done, total: print("a megabyte is here", flush=True),
)
"""


def wait_for_size(folder: Path, size: int) -> int:
    """The size of the part in a folder, once it has reached `size` bytes."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        parts = list(folder.glob(".*.fetch/*.part"))
        if parts and parts[0].stat().st_size >= size:
            return parts[0].stat().st_size
        time.sleep(0.01)
    raise AssertionError("the part did not grow")
