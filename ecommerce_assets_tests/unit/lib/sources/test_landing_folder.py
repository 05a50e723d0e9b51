"""The landing folder as a source: what counts, what is refused, and that copies are whole."""

import logging
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fsspec
import pytest

from ecommerce_assets.lib.failures import SourceAmbiguous, SourceMissing, TransientFailure
from ecommerce_assets.lib.sources.landing import LandingFolder
from ecommerce_assets.lib.sources.protocol import MonthlySource

OCT, NOV = date(2019, 10, 1), date(2019, 11, 1)


class Landing:
    """A landing folder of one kind of file system."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.source: MonthlySource = LandingFolder(root)

    def put(self, name: str, content: bytes = b"event_time\n") -> None:
        with fsspec.open(f"{self.root}/{name}", "wb") as handle:
            handle.write(content)


@pytest.fixture(params=["path", "memory"])
def landing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Landing]:
    if request.param == "memory":
        yield Landing(f"memory://{tmp_path.name}/cosmetics")
        fsspec.filesystem("memory").store.clear()
    else:
        (tmp_path / "cosmetics").mkdir()
        yield Landing(str(tmp_path / "cosmetics"))


@pytest.mark.parametrize(
    "name", ["2019-Oct.csv", "2019-Oct.csv.gz", "2019-Oct.csv.zip", "2019-Oct.zip"]
)
def test_a_month_is_found_in_each_spelling(landing: Landing, name: str) -> None:
    landing.put(name, b"123")
    file = landing.source.find(OCT)
    assert (file.name, file.size) == (name, 3)
    assert file.location == f"{landing.root}/{name}"
    assert landing.source.available() == {OCT: file}


def test_months_come_oldest_first(landing: Landing) -> None:
    for name in ("2019-Oct.csv", "2019-Apr.zip", "2020-Jan.csv.gz"):
        landing.put(name)
    assert list(landing.source.available()) == [date(2019, 4, 1), OCT, date(2020, 1, 1)]


def test_the_version_changes_with_the_content_and_only_then(landing: Landing) -> None:
    landing.put("2019-Oct.csv", b"one")
    first = landing.source.find(OCT).version
    assert landing.source.find(OCT).version == first
    landing.put("2019-Oct.csv", b"two")
    assert landing.source.find(OCT).version != first


def test_a_local_version_is_size_and_time_in_nanoseconds(tmp_path: Path) -> None:
    file = tmp_path / "2019-Oct.csv"
    file.write_bytes(b"123")
    os.utime(file, ns=(1, 1_571_000_000_123_456_789))
    assert LandingFolder(tmp_path).find(OCT).version == "file:3:1571000000123456789"


@pytest.mark.parametrize(
    "name",
    [
        "2019-Oct.csv.part",
        "2019-Oct.csv.tmp",
        "2019-Oct.csv.crdownload",
        ".2019-Oct.csv",
        "~2019-Oct.csv",
    ],
)
def test_files_that_are_still_being_written_do_not_count(landing: Landing, name: str) -> None:
    landing.put(name)
    assert landing.source.available() == {}
    with pytest.raises(SourceMissing, match="the folder is empty"):
        landing.source.find(OCT)


def test_a_folder_that_is_called_like_a_month_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "2019-Oct.csv").mkdir()
    assert LandingFolder(tmp_path).available() == {}


def test_a_month_in_two_spellings_is_refused_with_both_names(landing: Landing) -> None:
    landing.put("2019-Oct.csv")
    landing.put("2019-Oct.zip")
    with pytest.raises(
        SourceAmbiguous, match=r"2019-Oct\.csv and 2019-Oct\.zip.*keep the right one"
    ):
        landing.source.find(OCT)


def test_a_doubtful_month_does_not_hold_up_the_others_and_is_named(
    landing: Landing, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("2019-Oct.csv", "2019-Oct.zip", "2019-dec.csv", "2019-Nov.csv"):
        landing.put(name)
    with caplog.at_level(logging.WARNING):
        assert list(landing.source.available()) == [NOV]
    assert "2019-Oct.csv and 2019-Oct.zip" in caplog.text
    assert "rename it to 2019-Dec.csv" in caplog.text
    assert len(LandingFolder(landing.root).problems()) == 2


def test_a_missing_folder_is_named_with_the_spellings_that_count(tmp_path: Path) -> None:
    source = LandingFolder(tmp_path / "nowhere")
    assert source.available() == {}
    assert source.problems() == []
    with pytest.raises(SourceMissing) as failure:
        source.find(OCT)
    assert f"{tmp_path / 'nowhere'} does not exist" in failure.value.message
    assert "2019-Oct.csv, 2019-Oct.csv.gz, 2019-Oct.csv.zip or 2019-Oct.zip" in failure.value.cure


def test_a_missing_month_is_named_with_what_lies_there_nearest_first(landing: Landing) -> None:
    for name in ("readme.txt", "2019-Nov.csv"):
        landing.put(name)
    with pytest.raises(SourceMissing) as failure:
        landing.source.find(OCT)
    assert f"{landing.root}/2019-Oct.csv" in failure.value.message
    assert "2019-Nov.csv, readme.txt" in failure.value.message


def test_a_name_in_other_case_is_answered_with_the_right_one(landing: Landing) -> None:
    landing.put("2019-oct.CSV.gz")
    with pytest.raises(SourceMissing, match=r"rename 2019-oct\.CSV\.gz to 2019-Oct\.csv\.gz"):
        landing.source.find(OCT)


def test_a_fetched_file_is_the_same_bytes_and_nothing_else_is_left(
    landing: Landing, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 10_000
    landing.put("2019-Oct.csv.gz", content)
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "lake"
    path = landing.source.fetch(
        landing.source.find(OCT), target, lambda done, total: seen.append((done, total))
    )
    assert path == target / "2019-Oct.csv.gz"
    assert path.read_bytes() == content
    assert list(target.iterdir()) == [path]
    assert seen[-1] == (len(content), len(content))


def test_a_file_that_changes_during_the_copy_is_still_being_written(
    landing: Landing, tmp_path: Path
) -> None:
    landing.put("2019-Oct.csv", b"x" * 3_000_000)

    def write_on(done: int, total: int | None) -> None:
        landing.put("2019-Oct.csv", b"y" * (3_000_000 + done))

    with pytest.raises(TransientFailure, match="still being written"):
        landing.source.fetch(landing.source.find(OCT), tmp_path / "lake", write_on)
    assert list((tmp_path / "lake").iterdir()) == []


def test_a_file_that_changed_since_it_was_found_is_not_copied(
    landing: Landing, tmp_path: Path
) -> None:
    landing.put("2019-Oct.csv", b"old")
    found = landing.source.find(OCT)
    landing.put("2019-Oct.csv", b"newer")
    with pytest.raises(TransientFailure, match="still being written"):
        landing.source.fetch(found, tmp_path / "lake")


def test_a_file_that_is_gone_since_it_was_found_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "2019-Oct.csv"
    file.write_bytes(b"x")
    source = LandingFolder(tmp_path)
    found = source.find(OCT)
    file.unlink()
    with pytest.raises(SourceMissing, match="is gone"):
        source.fetch(found, tmp_path / "lake")


def test_the_file_of_an_earlier_fetch_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    landing, target = tmp_path / "landing", tmp_path / "lake"
    landing.mkdir()
    (landing / "2019-Oct.csv").write_bytes(b"old")
    source = LandingFolder(landing)
    path = source.fetch(source.find(OCT), target)
    (landing / "2019-Oct.csv").write_bytes(b"newer")

    def look(done: int, total: int | None) -> None:
        assert path.read_bytes() == b"old"

    source.fetch(source.find(OCT), target, look)
    assert path.read_bytes() == b"newer"
