"""A month's file is fetched once a version, and what lies there is what the note says."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import SourceMissing, TransientFailure
from ecommerce_assets.lib.ingest.fetch import fetch_month, fetched, open_delivery
from ecommerce_assets.lib.ingest.originals import Fetched
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.sources.protocol import Progress, SourceFile
from ecommerce_assets_tests.support.builders import EVENTS, MONTH, NAME, files_in, lake_at


class Shelf:
    """A source that offers one file."""

    kind = "files"

    def __init__(self, content: bytes, version: str = "1") -> None:
        self.content, self.version, self.fetches = content, version, 0
        self.name, self.breaks = NAME, False

    def find(self, month: date) -> SourceFile:
        return SourceFile(self.name, self.version, len(self.content), f"shelf {month}")

    def available(self) -> dict[date, SourceFile]:
        return {MONTH: self.find(MONTH)}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        self.fetches += 1
        if self.breaks:
            (folder / "part").write_bytes(self.content[:1])
            raise TransientFailure("the line broke", "try again")
        path = folder / file.name
        path.write_bytes(self.content)
        return path


def fetch(folder: Path, shelf: Shelf) -> tuple[Fetched, bool]:
    return fetch_month(shelf, Slice(lake_at(folder), EVENTS, Month(MONTH)), folder / "downloads")


def kept(folder: Path) -> list[bytes]:
    found = files_in(folder / "lake" / "files")
    return [content for name, content in found.items() if not name.endswith("source.json")]


def test_an_unchanged_version_is_not_fetched_again(tmp_path: Path) -> None:
    shelf = Shelf(b"october")
    first, new = fetch(tmp_path, shelf)
    again, newer = fetch(tmp_path, shelf)
    assert (new, newer, shelf.fetches, again) == (True, False, 1, first)
    assert first.sha256 == hashlib.sha256(b"october").hexdigest() and first.size == 7
    with open_delivery(Slice(lake_at(tmp_path), EVENTS, Month(MONTH))) as delivery:
        assert delivery.path.read_bytes() == b"october"
        assert (delivery.name, delivery.version) == (NAME, "files:1")


def test_a_changed_version_replaces_the_file(tmp_path: Path) -> None:
    fetch(tmp_path, Shelf(b"old"))
    note, new = fetch(tmp_path, Shelf(b"new", "2"))
    assert new and note.version == "files:2"
    assert kept(tmp_path) == [b"new"]


def test_the_same_content_under_a_new_version_stays(tmp_path: Path) -> None:
    fetch(tmp_path, Shelf(b"same"))
    note, new = fetch(tmp_path, Shelf(b"same", "2"))
    assert new and kept(tmp_path) == [b"same"] and note.version == "files:2"


def test_a_file_that_was_lost_is_fetched_again(tmp_path: Path) -> None:
    shelf = Shelf(b"october")
    note, _ = fetch(tmp_path, shelf)
    lake_at(tmp_path).delete(note.key)
    assert fetch(tmp_path, shelf)[1]
    assert kept(tmp_path) == [b"october"]


def test_a_broken_fetch_leaves_the_lake_and_its_own_beginning(tmp_path: Path) -> None:
    fetch(tmp_path, Shelf(b"old"))
    before = files_in(tmp_path / "lake")
    shelf = Shelf(b"new", "2")
    shelf.breaks = True
    with pytest.raises(TransientFailure):
        fetch(tmp_path, shelf)
    assert files_in(tmp_path / "lake") == before
    assert list((tmp_path / "downloads").rglob("part")), "the next try goes on from here"
    shelf.breaks = False
    fetch(tmp_path, shelf)
    assert kept(tmp_path) == [b"new"] and not list((tmp_path / "downloads").rglob("part"))


@pytest.mark.parametrize("next_content", [b"new", b"newer still"])
def test_killed_between_file_and_note_the_next_run_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, next_content: bytes
) -> None:
    fetch(tmp_path, Shelf(b"old"))
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "publish_json", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch(tmp_path, Shelf(b"new", "2"))
    note = fetched(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    assert note is not None and note.version == "files:1"
    with open_delivery(Slice(lake_at(tmp_path), EVENTS, Month(MONTH))) as delivery:
        assert delivery.path.read_bytes() == b"old", "the note never speaks of another file"
    fetch(tmp_path, Shelf(next_content, "3"))
    assert kept(tmp_path) == [next_content], "no file that the note does not speak of stays"


def test_a_month_that_was_never_fetched_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceMissing, match=r"cosmetics\.events for 2019-10 was never fetched"),
        open_delivery(Slice(lake_at(tmp_path), EVENTS, Month(MONTH))),
    ):
        pass
