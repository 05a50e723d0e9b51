"""The last good original stays until what was made from it is published from a newer one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.fetch import open_delivery
from ecommerce_assets.lib.ingest.leftovers import leftovers
from ecommerce_assets.lib.ingest.month_file import ingest_slice
from ecommerce_assets.lib.ingest.originals import good_original, note_published
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import EVENTS, MONTH, csv, files_in, lake_at, lines
from ecommerce_assets_tests.support.shared_files import (
    APRIL,
    MAY,
    MONTHS,
    PURCHASES,
    electronics_file,
    purchase,
)
from ecommerce_assets_tests.unit.lib.ingest.test_fetch import Shelf, fetch
from ecommerce_assets_tests.unit.lib.ingest.test_fetch_shared import Store
from ecommerce_assets_tests.unit.lib.ingest.test_fetch_shared import fetch as fetch_shared

GOOD, BETTER, BROKEN = csv(lines(20)), csv(lines(30)), csv(["x", "y"])
WORSE = b"not even a header"
LATER = datetime.now(UTC) + timedelta(days=400)


def load(folder: Path) -> None:
    """Publish October from what was fetched last, as the asset `lake` does."""
    lake = lake_at(folder)
    with open_delivery(Slice(lake, EVENTS, Month(MONTH))) as delivery:
        ingest_slice(Slice(lake, EVENTS, Month(MONTH)), delivery)
        note_published(Slice(lake, EVENTS, Month(MONTH)), delivery.sha256)


def originals(folder: Path) -> set[bytes]:
    found = files_in(folder / "lake" / "files")
    return {held for name, held in found.items() if name.endswith((".csv", ".csv.gz"))}


@pytest.fixture
def redelivered(tmp_path: Path) -> Path:
    """October published from a good file, after which a broken one was fetched."""
    fetch(tmp_path, Shelf(GOOD))
    load(tmp_path)
    fetch(tmp_path, Shelf(BROKEN, "2"))
    with pytest.raises(NotADataFile):
        load(tmp_path)
    return tmp_path


def good(folder: Path) -> bytes | None:
    found = good_original(Slice(lake_at(folder), EVENTS, Month(MONTH)))
    return (folder / "lake" / found.key).read_bytes() if found else None


def test_a_broken_delivery_leaves_the_good_original_beside_it(redelivered: Path) -> None:
    assert originals(redelivered) == {GOOD, BROKEN}
    assert good(redelivered) == GOOD


def test_another_broken_delivery_takes_the_place_of_the_broken_one_alone(redelivered: Path) -> None:
    fetch(redelivered, Shelf(WORSE, "3"))
    assert originals(redelivered) == {GOOD, WORSE}


def test_a_delivery_that_is_published_lets_go_of_those_before(redelivered: Path) -> None:
    fetch(redelivered, Shelf(BETTER, "3"))
    assert originals(redelivered) == {GOOD, BETTER}, "not before it is published"
    load(redelivered)
    assert originals(redelivered) == {BETTER}
    assert good(redelivered) == BETTER


def test_the_good_file_that_comes_again_is_the_only_one(redelivered: Path) -> None:
    fetch(redelivered, Shelf(GOOD, "3"))
    load(redelivered)
    assert originals(redelivered) == {GOOD}


def test_an_original_in_use_stays_however_old_it_is(redelivered: Path) -> None:
    found = leftovers(lake_at(redelivered), timedelta(days=7), LATER)
    assert found == []


def test_a_lake_that_was_emptied_still_knows_its_good_original(redelivered: Path) -> None:
    lake = lake_at(redelivered)
    lake.delete(Slice(lake, EVENTS, Month(MONTH)).parquet)
    assert good(redelivered) == GOOD
    assert leftovers(lake, timedelta(days=7), LATER) == []
    fetch(redelivered, Shelf(WORSE, "3"))
    assert originals(redelivered) == {GOOD, WORSE}


def test_a_published_month_names_its_original_where_no_note_does(redelivered: Path) -> None:
    """As in lakes of versions that wrote no such note."""
    note = next((redelivered / "lake" / "files").rglob("published.json"))
    note.unlink()
    assert good(redelivered) == GOOD
    fetch(redelivered, Shelf(WORSE, "3"))
    assert originals(redelivered) == {GOOD, WORSE}


def test_a_damaged_month_keeps_every_original(redelivered: Path) -> None:
    lake = lake_at(redelivered)
    next((redelivered / "lake" / "files").rglob("published.json")).unlink()
    path = redelivered / "lake" / Slice(lake, EVENTS, Month(MONTH)).parquet
    path.write_bytes(path.read_bytes()[:-40])
    fetch(redelivered, Shelf(WORSE, "3"))
    assert originals(redelivered) == {GOOD, BROKEN, WORSE}


def test_killed_before_the_old_original_goes_the_next_load_clears_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(tmp_path, Shelf(GOOD))
    load(tmp_path)
    fetch(tmp_path, Shelf(BETTER, "2"))
    with monkeypatch.context() as patch:
        patch.setattr(Lake, "delete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            load(tmp_path)
    assert originals(tmp_path) == {GOOD, BETTER}
    load(tmp_path)
    assert originals(tmp_path) == {BETTER}


def test_a_shared_file_stays_until_all_its_months_are_published_from_another(
    tmp_path: Path,
) -> None:
    lake = lake_at(tmp_path)
    old = electronics_file([purchase(n, (APRIL, MAY)[n % 2]) for n in range(20)])
    new = electronics_file([purchase(n, (APRIL, MAY)[n % 2]) for n in range(22)])

    def load_shared(month: date) -> None:
        with open_delivery(Slice(lake, PURCHASES, Month(month))) as delivery:
            ingest_part(Slice(lake, PURCHASES, Month(month)), MONTHS["electronics"], delivery)
            note_published(Slice(lake, PURCHASES, Month(month)), delivery.sha256)

    fetch_shared(tmp_path, Store(old), APRIL)
    load_shared(APRIL)
    load_shared(MAY)
    fetch_shared(tmp_path, Store(WORSE, "2"), APRIL)
    assert originals(tmp_path) == {old, WORSE}
    found = good_original(Slice(lake, PURCHASES, Month(MAY)))
    assert found and found.name == "kz.csv" and (tmp_path / "lake" / found.key).exists()
    fetch_shared(tmp_path, Store(new, "3"), MAY)
    load_shared(MAY)
    assert originals(tmp_path) == {old, new}, "April is still made from the old one"
    load_shared(APRIL)
    assert originals(tmp_path) == {new}
    kept = json.loads(next((tmp_path / "lake").rglob("published.json")).read_text())
    assert kept["version"] == "files:3"
