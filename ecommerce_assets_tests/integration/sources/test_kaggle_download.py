"""How a Kaggle file gets here whole, through Kaggle's own client, whatever breaks on the way."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import (
    CorruptDownload,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
from ecommerce_assets_tests.integration.sources.conftest import NOVEMBER, OCTOBER, SLUG
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer

Make = Callable[..., KaggleDataset]
OCT, NOV, DEC = date(2019, 10, 1), date(2019, 11, 1), date(2019, 12, 1)
MEBI = 1 << 20
ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.sources.kaggle.dataset import KaggleDataset
slug, endpoint, folder = sys.argv[1:]
dataset = KaggleDataset(slug, endpoint=endpoint)
print(dataset.fetch(dataset.find(date(2019, 10, 1)), Path(folder)))
"""


def unpacked(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(archive.namelist()[0])


def ranges(server: KaggleServer) -> list[str | None]:
    return [request.range for request in server.calls("GET")]


def test_a_large_file_arrives_as_kaggle_packs_it_and_nothing_else_is_left(
    dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    path = source.fetch(source.find(OCT), tmp_path / "landing")
    assert path.name == "2019-Oct.csv.zip"
    assert unpacked(path) == OCTOBER
    assert list(path.parent.iterdir()) == [path]


def test_a_small_file_arrives_unpacked(dataset: Make, tmp_path: Path) -> None:
    source = dataset()
    path = source.fetch(source.find(DEC), tmp_path / "landing")
    assert path.name == "2019-Dec.csv"
    assert path.read_bytes() == b"event_time\n"


def test_the_version_that_was_found_is_fetched_even_if_a_newer_one_is_out(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.publish(SLUG, {"2019-Oct.csv": NOVEMBER})
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER


def test_progress_grows_up_to_the_size_of_the_packed_file(dataset: Make, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    source = dataset()
    path = source.fetch(source.find(OCT), tmp_path, lambda done, total: seen.append((done, total)))
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert seen == sorted(seen)


def test_a_progress_bar_that_breaks_does_not_break_the_download(
    dataset: Make, tmp_path: Path
) -> None:
    def broken(done: int, total: int | None) -> None:
        raise RuntimeError("no terminal")

    source = dataset()
    assert source.fetch(source.find(OCT), tmp_path, broken).exists()


def test_a_connection_that_is_cut_is_resumed_where_it_broke_off(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.faults.cut_after = [2 * MEBI + 1000]
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert ranges(server)[-1] == f"bytes={2 * MEBI}-"
    assert server.requests[-1].status == 206


def test_a_connection_that_falls_silent_is_given_up_and_resumed(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset(read_timeout_s=1.5)
    found = source.find(OCT)
    server.faults.hold_after = [MEBI + 1000]
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert ranges(server)[-1] == f"bytes={MEBI}-"


def test_a_download_that_gets_further_each_time_is_not_given_up(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    # A resumed download asks twice: for the whole, which tells the ETag, and for the rest.
    whole = 100 * MEBI
    server.faults.cut_after = [MEBI + 9, whole, MEBI + 9, whole, MEBI + 9, whole]
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    resumed = [asked for asked in ranges(server) if asked]
    assert resumed == [f"bytes={MEBI}-", f"bytes={2 * MEBI}-", f"bytes={3 * MEBI}-"]


def test_a_download_that_gets_no_further_is_a_transient_failure_and_keeps_what_arrived(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.faults.cut_after = [2 * MEBI + 1000, *[10] * 20]
    with pytest.raises(TransientFailure, match=r"3 times\. What has arrived is kept"):
        source.fetch(found, tmp_path)
    assert not (tmp_path / "2019-Oct.csv.zip").exists()
    server.faults.cut_after = []
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert ranges(server)[-1] == f"bytes={2 * MEBI}-"


def test_a_killed_process_is_continued_by_the_next_one(
    server: KaggleServer, tmp_path: Path
) -> None:
    folder = tmp_path / "landing"
    account = {"KAGGLE_USERNAME": "demo", "KAGGLE_KEY": "a-secret-key", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, SLUG, server.url, str(folder)]
    server.faults.hold_after = [2 * MEBI + 1000]
    first = subprocess.Popen(command, env={**os.environ, **account})
    try:
        wait_for(lambda: sum(f.stat().st_size for f in folder.rglob("2019-Oct.csv")) >= 2 * MEBI)
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert not (folder / "2019-Oct.csv.zip").exists()
    subprocess.run(command, env={**os.environ, **account}, check=True, capture_output=True)
    assert unpacked(folder / "2019-Oct.csv.zip") == OCTOBER
    assert [p.name for p in folder.iterdir()] == ["2019-Oct.csv.zip"]
    assert ranges(server) == [None, None, f"bytes={2 * MEBI}-"]


def test_what_is_left_of_an_older_version_is_neither_used_nor_kept(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    old = source.find(OCT)
    server.faults.cut_after = [2 * MEBI + 1000, *[10] * 20]
    with pytest.raises(TransientFailure):
        source.fetch(old, tmp_path)
    server.faults.cut_after = []
    server.publish(SLUG, {"2019-Oct.csv": NOVEMBER})
    path = source.fetch(source.find(OCT), tmp_path)
    assert unpacked(path) == NOVEMBER
    assert [p for p in tmp_path.iterdir() if p.name != "home"] == [path]


def test_a_file_that_arrives_damaged_once_is_healed_from_its_first_byte(
    server: KaggleServer, dataset: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.faults.corrupt = 1
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert ranges(server) == [None, None]
    assert "came damaged, the first time" in caplog.text


@pytest.mark.parametrize("month", [OCT, DEC], ids=["packed", "plain"])
def test_a_file_that_arrives_damaged_twice_is_a_permanent_failure_and_leaves_nothing(
    server: KaggleServer, dataset: Make, tmp_path: Path, month: date
) -> None:
    source = dataset()
    found = source.find(month)
    server.faults.corrupt = -1
    folder = tmp_path / "landing"
    with pytest.raises(CorruptDownload, match="came damaged twice") as failure:
        source.fetch(found, folder)
    assert isinstance(failure.value, PermanentFailure)
    assert len(server.calls("GET")) == 2
    assert list(folder.iterdir()) == []


def test_a_file_of_another_size_than_listed_is_damaged(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    server.declared_sizes["2019-Nov.csv"] = 12345
    source = dataset()
    with pytest.raises(CorruptDownload, match="the listing declares 12345"):
        source.fetch(source.find(NOV), tmp_path)


def test_a_listing_that_declares_the_packed_size_is_right_too(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    packed = server.versions(SLUG)[0].delivered("2019-Nov.csv")
    server.declared_sizes["2019-Nov.csv"] = len(packed)
    source = dataset()
    assert unpacked(source.fetch(source.find(NOV), tmp_path)) == NOVEMBER


def test_an_error_page_of_the_storage_never_becomes_part_of_the_file(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.faults.storage_statuses = [503, 500]
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER


def test_an_error_page_instead_of_the_rest_is_thrown_away(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    server.faults.cut_after = [2 * MEBI + 1000]
    # The cut one, the whole for its ETag, the rest, and the client's second try without a range.
    server.faults.storage_statuses = [200, 200, 503, 503]
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert ranges(server) == [None, None, f"bytes={2 * MEBI}-", None, None]


def test_a_file_that_is_withdrawn_after_it_was_found_is_missing(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    source = dataset()
    found = source.find(OCT)
    del server.versions(SLUG)[0].files["2019-Oct.csv"]
    with pytest.raises(SourceMissing, match=r"file 2019-Oct\.csv of the data set .*HTTP 404"):
        source.fetch(found, tmp_path / "landing")
    assert list((tmp_path / "landing").iterdir()) == []


def test_a_download_that_was_complete_when_its_process_died_is_not_repeated(
    server: KaggleServer, dataset: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = dataset()
    found = source.find(OCT)

    def die(*_: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ecommerce_assets.lib.sources.kaggle.dataset.publish", die)
        with pytest.raises(KeyboardInterrupt):
            source.fetch(found, tmp_path)
    assert unpacked(source.fetch(found, tmp_path)) == OCTOBER
    assert len(server.calls("GET")) == 1


def test_two_processes_never_write_one_download(
    server: KaggleServer, dataset: Make, tmp_path: Path
) -> None:
    from ecommerce_assets.lib.sources.work_folder import work_folder

    source = dataset()
    found = source.find(OCT)
    with (
        work_folder(tmp_path, found.name, f"{SLUG} {found.version}"),
        pytest.raises(TransientFailure, match="another process is fetching"),
    ):
        source.fetch(found, tmp_path)


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
