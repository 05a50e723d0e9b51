"""The lake in a bucket: whole objects, one winner, faults that pass, errors that say what to do."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import (
    CredentialsMissing,
    NotADataFile,
    PermanentFailure,
    SettingMissing,
    TransientFailure,
)
from ecommerce_assets.lib.ingest.fetch import fetch_month, open_delivery
from ecommerce_assets.lib.ingest.leftovers import leftovers
from ecommerce_assets.lib.ingest.month_file import ingest_slice
from ecommerce_assets.lib.ingest.originals import good_original, note_published
from ecommerce_assets.lib.lake.bucket import UPLOAD_CHUNK, LostRace
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets_tests.support.builders import EVENTS, MONTH, csv, lines
from ecommerce_assets_tests.support.emulators.google_cloud import GoogleCloud
from ecommerce_assets_tests.unit.lib.ingest.test_fetch import Shelf

KEY = "cosmetics/events/event_month=2019-10-01/events.parquet"


@pytest.fixture
def lake(google: GoogleCloud, lake_uri: str, scratch: Path) -> Lake:
    return Lake(lake_uri, scratch)


def publish(lake: Lake, content: bytes, key: str = KEY, replaces: int | None = None) -> None:
    with lake.staging() as folder:
        path = folder / "work"
        path.write_bytes(content)
        lake.publish(path, key, replaces)


def test_what_is_published_is_read_listed_copied_and_deleted(lake: Lake) -> None:
    publish(lake, b"abc")

    assert lake.exists(KEY) and lake.size(KEY) == 3 and lake.read_bytes(KEY) == b"abc"
    assert lake.keys_in("cosmetics/events") == ["cosmetics/events/event_month=2019-10-01"]
    assert lake.keys_below("cosmetics") == [KEY]
    assert published_months(lake, "cosmetics", "events") == [date(2019, 10, 1)]
    with lake.open(KEY) as handle:
        handle.seek(-2, os.SEEK_END)
        assert handle.read() == b"bc"
    with lake.local_copy(KEY) as path:
        assert path.read_bytes() == b"abc"
    assert not path.exists()
    lake.delete(KEY)
    lake.delete(KEY)
    assert not lake.exists(KEY) and lake.keys_in("cosmetics") == []


def test_only_the_generation_that_was_listed_is_removed(lake: Lake) -> None:
    publish(lake, b"one", "files/a/old.csv")
    (listed,) = lake.entries_below("files/a")
    publish(lake, b"another", "files/a/old.csv")

    lake.delete(listed.key, listed.version)

    assert (listed.key, listed.size, listed.written.tzinfo) == ("files/a/old.csv", 3, UTC)
    assert lake.read_bytes("files/a/old.csv") == b"another"
    (again,) = lake.entries_below("files/a")
    lake.delete(again.key, again.version)
    assert lake.entries_below("files/a") == []


def test_what_is_not_there_is_a_missing_file(lake: Lake) -> None:
    for look in (lake.read_bytes, lake.size):
        with pytest.raises(FileNotFoundError, match=r"gs://"):
            look(KEY)


def test_a_large_file_goes_up_in_chunks(lake: Lake) -> None:
    content = os.urandom(UPLOAD_CHUNK * 2 + 17)
    publish(lake, content)
    assert lake.read_bytes(KEY) == content


def test_of_writers_that_began_at_one_version_one_wins(lake: Lake) -> None:
    publish(lake, b"old")
    before = lake.version(KEY)
    ready, outcomes = threading.Barrier(4), []

    def write(number: int) -> None:
        other = Lake(lake.uri, Path(f"{lake._scratch}-{number}"))
        content = bytes([number]) * (UPLOAD_CHUNK + 1)
        ready.wait()
        try:
            publish(other, content, replaces=before)
            outcomes.append(number)
        except LostRace as lost:
            outcomes.append(lost)

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [each for each in outcomes if isinstance(each, int)]
    assert len(winners) == 1 and len(outcomes) == 4
    assert lake.read_bytes(KEY)[:1] == bytes(winners)


def test_a_first_version_is_not_published_twice(lake: Lake) -> None:
    assert lake.version(KEY) == 0
    publish(lake, b"first", replaces=0)
    with pytest.raises(LostRace, match="run the step again"):
        publish(lake, b"second", replaces=0)
    assert lake.read_bytes(KEY) == b"first"


def test_an_upload_killed_midway_leaves_nothing(lake: Lake, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(UPLOAD_CHUNK * 3))
    script = """
import os, signal, sys
from pathlib import Path
from google.cloud.storage import blob
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
sent = blob.Blob._initiate_resumable_upload
def initiate(self, *args, **kwargs):
    upload, transport = sent(self, *args, **kwargs)
    chunk = upload.transmit_next_chunk
    def second(*a, **k):
        if upload.bytes_uploaded:
            os.kill(os.getpid(), signal.SIGKILL)
        return chunk(*a, **k)
    upload.transmit_next_chunk = second
    return upload, transport
blob.Blob._initiate_resumable_upload = initiate
Lake(sys.argv[1], Path(sys.argv[2]).parent).publish(Path(sys.argv[2]), sys.argv[3])
"""
    done = subprocess.run([sys.executable, "-c", script, lake.uri, str(path), KEY])
    assert done.returncode == -9
    assert not lake.exists(KEY) and lake.keys_below("cosmetics") == []
    publish(lake, b"again")
    assert lake.read_bytes(KEY) == b"again"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(503, "backendError"), (429, "rateLimitExceeded"), (500, "internalError")],
)
def test_faults_of_the_service_are_tried_again(
    faulty: GoogleCloud, lake: Lake, status: int, reason: str
) -> None:
    faulty.fail("storage", "POST", "/upload/", status, reason, times=2)
    publish(lake, b"abc", replaces=0)
    faulty.fail("storage", "GET", "/o/", status, reason, times=2)
    assert lake.read_bytes(KEY) == b"abc"


def test_a_refusal_names_the_role(faulty: GoogleCloud, lake: Lake) -> None:
    faulty.fail("storage", "POST", "/upload/", 403, "forbidden")
    with pytest.raises(PermanentFailure, match=r"no permission for gs://.*storage.objectUser"):
        publish(lake, b"abc")


def test_a_bucket_that_is_not_there_says_so(google: GoogleCloud, scratch: Path) -> None:
    lake = Lake("gs://lakehouse-no-such-bucket/lake", scratch)
    with pytest.raises(PermanentFailure, match="there is no bucket lakehouse-no-such-bucket"):
        publish(lake, b"abc")


def test_without_credentials_the_message_says_what_to_run(
    scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    lake = Lake("gs://bucket/lake", scratch)
    with pytest.raises(CredentialsMissing, match="gcloud auth application-default login"):
        lake.exists(KEY)


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(SettingMissing, match="gs://bucket/prefix"):
        Lake("s3://bucket/lake")


def test_the_ledger_lies_in_the_bucket(lake: Lake) -> None:
    ledger = Ledger(lake)
    with ledger.attempt("cosmetics.events", "lake", Month(date(2019, 10, 1))) as row:
        row.rows_received = 7
    with (
        pytest.raises(TransientFailure),
        ledger.attempt("cosmetics.events", "raw", Month(date(2019, 11, 1))),
    ):
        raise TransientFailure("gone", "again")

    rows = ledger.rows("cosmetics.events")
    assert [(r.step, r.status, r.rows_received) for r in rows] == [
        ("lake", "loaded", 7),
        ("raw", "failed", None),
    ]
    assert len(ledger.rows(key=Month(date(2019, 11, 1)))) == 1


def test_the_good_original_stays_until_another_one_is_published(lake: Lake, scratch: Path) -> None:
    def bring(content: bytes, version: str) -> None:
        fetch_month(
            Shelf(content, version), Slice(lake, EVENTS, Month(MONTH)), scratch / "downloads"
        )
        with open_delivery(Slice(lake, EVENTS, Month(MONTH))) as delivery:
            ingest_slice(Slice(lake, EVENTS, Month(MONTH)), delivery)
            note_published(Slice(lake, EVENTS, Month(MONTH)), delivery.sha256)

    def originals() -> list[bytes]:
        keys = [key for key in lake.keys_below("files") if key.endswith(".csv")]
        return sorted(lake.read_bytes(key) for key in keys)

    good, broken, better = csv(lines(9)), csv(["x"]), csv(lines(12))
    bring(good, "1")
    with pytest.raises(NotADataFile):
        bring(broken, "2")
    assert originals() == sorted([good, broken])
    kept = good_original(Slice(lake, EVENTS, Month(MONTH)))
    assert kept and lake.read_bytes(kept.key) == good
    assert leftovers(lake, timedelta(0), datetime.now(UTC) + timedelta(days=99)) == []
    bring(better, "3")
    assert originals() == [better]
