"""A file that all months share is fetched for the first of them, and lies there once."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import LakehouseError, TransientFailure
from ecommerce_assets.lib.ingest.fetch import fetch_month, fetched, open_delivery, silence_note
from ecommerce_assets.lib.ingest.originals import note_published
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.sources.protocol import Progress, SharedName, SourceFile
from ecommerce_assets_tests.support.builders import EVENTS, files_in, lake_at
from ecommerce_assets_tests.support.shared_files import APRIL, MAY, PURCHASES, load_part

NAMES = SharedName("kz", (APRIL, MAY))


class Store:
    """A source whose one file holds all months."""

    kind = "files"

    def __init__(self, content: bytes, version: str = "1") -> None:
        self.content, self.version, self.fetches, self.breaks = content, version, 0, False

    def find(self, month: date) -> SourceFile:
        return SourceFile("kz.csv", self.version, len(self.content), "shelf", shared_by=2)

    def available(self) -> dict[date, SourceFile]:
        return {month: self.find(month) for month in NAMES.months}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        self.fetches += 1
        part = folder / "part"
        if self.breaks:
            part.write_bytes(self.content[:1])
            raise TransientFailure("the line broke", "try again")
        assert not part.exists() or part.read_bytes() == self.content[:1]
        path = folder / file.name
        path.write_bytes(self.content)
        return path


def fetch(folder: Path, store: Store, month: date) -> bool:
    lake = lake_at(folder)
    return fetch_month(store, Slice(lake, PURCHASES, Month(month)), folder / "downloads")[1]


def kept(folder: Path) -> dict[str, bytes]:
    return files_in(folder / "lake" / "files" / "electronics" / "purchases")


def test_the_first_month_fetches_it_and_the_others_find_it(tmp_path: Path) -> None:
    store = Store(b"all of it")
    assert [fetch(tmp_path, store, m) for m in (MAY, APRIL, MAY)] == [True, False, False]
    assert store.fetches == 1
    names = sorted(Path(name).name for name in kept(tmp_path))
    assert names == ["kz.csv", "source.json"]
    assert all(name.startswith("all_months/") for name in kept(tmp_path))
    for month in NAMES.months:
        with open_delivery(Slice(lake_at(tmp_path), PURCHASES, Month(month))) as delivery:
            assert (delivery.path.read_bytes(), delivery.name) == (b"all of it", "kz.csv")


def test_another_version_is_fetched_once_and_takes_its_place(tmp_path: Path) -> None:
    fetch(tmp_path, Store(b"old"), APRIL)
    store = Store(b"new", "2")
    assert [fetch(tmp_path, store, m) for m in (MAY, APRIL)] == [True, False]
    assert [c for name, c in kept(tmp_path).items() if name.endswith(".csv")] == [b"new"]


def test_the_split_of_an_old_version_goes_with_it_once_another_is_published(
    tmp_path: Path,
) -> None:
    from ecommerce_assets_tests.support.shared_files import electronics_file, purchase

    old, new = electronics_file([purchase(0)]), electronics_file([purchase(0), purchase(1)])
    fetch(tmp_path, Store(old), APRIL)
    with open_delivery(Slice(lake_at(tmp_path), PURCHASES, Month(APRIL))) as delivery:
        load_part(tmp_path, delivery.path.read_bytes(), APRIL, PURCHASES)
    assert sum(name.endswith(".parquet") for name in kept(tmp_path)) == 2
    fetch(tmp_path, Store(new, "2"), APRIL)
    assert sum(name.endswith(".csv") for name in kept(tmp_path)) == 2
    load_part(tmp_path, new, APRIL, PURCHASES)
    lake = lake_at(tmp_path)
    note_published(Slice(lake, PURCHASES, Month(APRIL)), hashlib.sha256(new).hexdigest())
    names = sorted(Path(name).name for name in kept(tmp_path) if not name.endswith(".parquet"))
    assert names == ["kz.csv", "published.json", "source.json"]
    assert sum(name.endswith(".parquet") for name in kept(tmp_path)) == 2


def test_a_broken_fetch_goes_on_for_whichever_month_comes_next(tmp_path: Path) -> None:
    store = Store(b"all of it")
    store.breaks = True
    with pytest.raises(TransientFailure):
        fetch(tmp_path, store, APRIL)
    assert len(list((tmp_path / "downloads").rglob("part"))) == 1
    store.breaks = False
    assert fetch(tmp_path, store, MAY)
    assert not list((tmp_path / "downloads").rglob("part"))


def test_a_file_of_one_month_keeps_to_its_month(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    fetch_month(Store(b"april"), Slice(lake, EVENTS, Month(APRIL)), tmp_path / "downloads")
    assert fetched(Slice(lake, EVENTS, Month(APRIL))) is not None
    assert fetched(Slice(lake, EVENTS, Month(MAY))) is None


@pytest.mark.parametrize(("kind", "asked"), [("url", 2), ("files", 3)])
def test_a_source_that_does_not_answer_is_not_asked_for_every_month(
    kind: str, asked: int, tmp_path: Path
) -> None:
    """A folder is: a file that is still being written says nothing of another month's."""

    class Silent(Store):
        times = 0

        def find(self, month: date) -> SourceFile:
            self.times += 1
            raise TransientFailure("shop.example did not answer", "try later")

    store = Silent(b"")
    store.kind = kind
    for month in (APRIL, MAY):
        with pytest.raises(LakehouseError, match="did not answer"):
            fetch(tmp_path, store, month)
    # What plans a command asks the source itself, and takes the note away where it answers.
    silence_note(tmp_path / "downloads", PURCHASES).unlink(missing_ok=True)
    with pytest.raises(TransientFailure):
        fetch(tmp_path, store, MAY)
    assert store.times == asked
