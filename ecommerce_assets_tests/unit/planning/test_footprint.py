"""How large a load will be is said by the first who knows, and by name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecommerce_assets.lib.ingest.originals import Fetched
from ecommerce_assets.lib.sources.protocol import SPELLINGS, TYPED, SourceFile
from ecommerce_assets.planning.cost_history import shipped_costs
from ecommerce_assets.planning.size import Footprint, footprint
from ecommerce_assets_tests.unit.planning.test_cost_history import row

SHIPPED = {".csv": 100.0, ".csv.gz": 30.0, ".csv.zip": 30.0, ".zip": 30.0}
OFFERED = SourceFile("2019-Oct.csv", "v2", 50_000, "somewhere")
NOTE = Fetched("key", "2019-Oct.csv", "files", "files:v2", "sha", 40_000, "somewhere", "then")
LOADS = [
    row("lake", source_name="2019-Nov.csv", source_bytes=80_000, rows_received=1_000),
    row("lake", source_name="2019-Dec.csv.zip", source_bytes=9_000, rows_received=900),
]


def asked(
    offered: SourceFile | None = None,
    note: Fetched | None = None,
    rows: int | None = None,
    loads: object = (),
    kind: str = "files",
) -> Footprint:
    return footprint(kind, offered, note, rows, loads, SHIPPED, 4_000)  # type: ignore[arg-type]


def test_the_sources_own_rows_come_first() -> None:
    found = asked(replace(OFFERED, rows=7), NOTE, 400, LOADS)
    assert (found.rows, found.rows_from) == (7, "source")
    assert (found.bytes, found.bytes_from) == (50_000, "source")


def test_an_unchanged_file_has_the_rows_that_were_published() -> None:
    found = asked(OFFERED, NOTE, 400, LOADS)
    assert (found.rows, found.rows_from) == (400, "published footer")


def test_a_changed_file_grows_with_its_size() -> None:
    found = asked(OFFERED, replace(NOTE, version="files:v1"), 400, LOADS)
    assert (found.rows, found.rows_from) == (
        500,
        "listed size and bytes per row of its published month",
    )


def test_a_new_month_has_the_density_of_loaded_months_of_its_spelling() -> None:
    found = asked(OFFERED, None, None, LOADS)
    assert (found.rows, found.rows_from) == (
        625,
        "listed size and bytes per row of loaded months",
    )
    assert asked(OFFERED).rows == 500


def test_kaggle_lists_the_unpacked_size() -> None:
    found = asked(OFFERED, kind="kaggle")
    assert (found.rows, found.rows_from) == (500, "size of the unpacked file")


def test_a_source_that_says_nothing_leaves_the_footer_then_other_months_then_the_shipped() -> None:
    silent = replace(OFFERED, size=None)
    old = replace(NOTE, version="files:v1")
    assert asked(silent, old, 400, LOADS).rows_from == "published footer"
    other = asked(silent, None, None, LOADS)
    assert (other.rows, other.rows_from) == (950, "median of loaded months")
    assert other.bytes == 950 * 80
    nothing = asked(silent)
    assert (nothing.rows, nothing.rows_from) == (4_000, "shipped defaults")
    assert nothing.bytes_from == "bytes per row of shipped defaults"
    assert asked(None).rows == 4_000


def test_a_file_of_a_few_bytes_is_not_taken_for_one_of_unknown_size() -> None:
    for kind in ("files", "kaggle"):
        found = asked(replace(OFFERED, size=16), None, None, LOADS, kind)
        assert found.rows == 0
    assert asked(replace(OFFERED, size=16)) == Footprint(
        0, 16, "listed size and bytes per row of shipped defaults", "source"
    )
    assert asked(replace(OFFERED, size=0)).bytes == 0
    assert asked(replace(OFFERED, rows=0), NOTE, 400).rows == 0


@pytest.mark.parametrize("ending", [*SPELLINGS, TYPED])
def test_a_file_of_any_ending_has_a_shipped_size(ending: str) -> None:
    silent = replace(OFFERED, name=f"2019-Oct{ending}", size=None)
    shipped = shipped_costs()
    found = footprint("files", silent, None, None, [], shipped.bytes_per_row, 4_000)
    assert found.bytes == round(4_000 * shipped.bytes_per_row[ending])
