"""Loading a month again ends in the same lake; a changed file or contract replaces it whole."""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.lib.ingest.month_file import connect, published_info
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    PARQUET,
    changed_contract,
    csv,
    lake_at,
    lake_files,
    left_in_staging,
    line,
    lines,
    load,
    published,
    quarantined,
)

FILE = csv([*lines(20), "junk", "", line(20, price="12.345")])


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    first = load(tmp_path, FILE, run_id="one")
    before = lake_files(tmp_path)
    at = (tmp_path / "lake" / PARQUET).stat().st_mtime_ns
    again = load(tmp_path, FILE, run_id="two")
    assert not first.unchanged and again.unchanged
    again.unchanged = False
    assert again == first, "what is said of an unchanged month is what its load said"
    assert lake_files(tmp_path) == before
    assert (tmp_path / "lake" / PARQUET).stat().st_mtime_ns == at


def test_force_loads_again_to_equal_content(tmp_path: Path) -> None:
    load(tmp_path, FILE)
    rows, at = published(tmp_path), (tmp_path / "lake" / PARQUET).stat().st_mtime_ns
    result = load(tmp_path, FILE, force=True)
    assert not result.unchanged
    assert published(tmp_path) == rows
    assert (tmp_path / "lake" / PARQUET).stat().st_mtime_ns > at


def test_a_changed_file_replaces_rows_and_quarantine(tmp_path: Path) -> None:
    first = load(tmp_path, FILE)
    second = load(tmp_path, csv(["bad", *lines(7)]), accept_worse=True)
    assert second.load_key != first.load_key
    assert len(published(tmp_path)) == 7
    assert [q["raw_line"] for q in quarantined(tmp_path, second)] == ["bad"]
    kept = [name for name in lake_files(tmp_path) if name.startswith("quarantine")]
    assert [Path(name).stem for name in kept] == [second.load_key], "the old one is gone"


def test_a_changed_contract_loads_the_same_file_again(tmp_path: Path) -> None:
    load(tmp_path, csv([*lines(4), line(4, event_type="wishlist")]))
    wider = changed_contract(tmp_path, ("[view, cart,", "[view, wishlist, cart,"))
    result = load(tmp_path, csv([*lines(4), line(4, event_type="wishlist")]), contract=wider)
    assert (result.unchanged, result.rows_accepted, result.rows_quarantined) == (False, 5, 0)
    assert result.reasons == {}


def test_a_month_whose_quarantine_was_lost_is_loaded_again(tmp_path: Path) -> None:
    first = load(tmp_path, FILE)
    whole = lake_files(tmp_path)
    for path in (tmp_path / "lake" / "quarantine").rglob("*.parquet"):
        path.unlink()
    again = load(tmp_path, FILE)
    assert not again.unchanged and again.load_key == first.load_key
    assert lake_files(tmp_path).keys() == whole.keys()


def test_a_published_month_tells_its_own_figures(tmp_path: Path) -> None:
    result = load(tmp_path, FILE)
    info = published_info(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    assert (info.rows_received, info.rows_accepted) == (23, 20)
    assert (info.rows_quarantined, info.blank_lines) == (2, 1)
    assert info.reasons == result.reasons == {"missing_columns": 1, "not_a_decimal:price": 1}
    assert info.lake_bytes == (tmp_path / "lake" / PARQUET).stat().st_size


def test_a_quarantined_row_says_where_it_comes_from(tmp_path: Path) -> None:
    result = load(tmp_path, FILE, run_id="run-7")
    first, second = quarantined(tmp_path, result)
    assert (first["line"], first["accepted_before"], first["raw_line"]) == (22, 20, "junk")
    assert (second["line"], second["accepted_before"]) == (24, 20)
    assert first["dataset"] == "cosmetics.events" and first["month"] == MONTH
    assert first["file_name"] == "2019-Oct.csv" and first["run_id"] == "run-7"
    assert first["load_key"] == result.load_key


def test_staging_is_empty_after_a_load_and_swept_of_the_dead(tmp_path: Path) -> None:
    load(tmp_path, FILE)
    assert left_in_staging(tmp_path) == []
    lake = lake_at(tmp_path)
    with lake.staging() as folder:
        host = folder.name.rsplit(".", 2)[0]
        (folder.parent / f"{host}.4194999.dead").mkdir()
        with lake.staging() as inner:
            assert left_in_staging(tmp_path) == sorted([folder.name, inner.name])


def test_the_engine_prints_nothing_and_keeps_to_its_folder_and_utc(tmp_path: Path) -> None:
    names = ("enable_progress_bar", "TimeZone", "temp_directory")
    with connect("1000MB", tmp_path) as db:
        found = [db.execute(f"select current_setting('{name}')").fetchall()[0][0] for name in names]
    assert found == [False, "UTC", str(tmp_path / "spill")]
