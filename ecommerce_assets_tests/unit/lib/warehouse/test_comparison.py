"""Two warehouses are compared as bags of rows, table by table."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.warehouse.comparison import TableComparison, compare_warehouses

SAME = "select i as id, i % 7 as bucket, 'x' || i as name from range(1000) t(i)"


def compared(tmp_path: Path, found: str | None, expected: str | None) -> TableComparison:
    paths = []
    for name, sql in (("found", found), ("expected", expected)):
        path = tmp_path / f"{name}.duckdb"
        with duckdb.connect(str(path)) as db:
            db.execute("create schema marts")
            if sql:
                db.execute(f"create table marts.sales as {sql}")
        paths.append(path)
    (result,) = compare_warehouses(paths[0], paths[1], ["marts.sales"], "500MB", tmp_path)
    return result


def test_the_order_of_rows_does_not_count(tmp_path: Path) -> None:
    result = compared(tmp_path, SAME, f"select * from ({SAME}) order by name desc")

    assert result.equal
    assert (result.rows, result.rows_expected) == (1000, 1000)


@pytest.mark.parametrize(
    ("found", "surplus", "missing"),
    [
        (f"{SAME} where i <> 5", 0, 1),
        (f"{SAME} union all {SAME}", 1000, 0),
        (f"select * replace (if(id = 5, 3, bucket) as bucket) from ({SAME})", 1, 1),
        (f"select * replace (if(id = 5, null, name) as name) from ({SAME})", 1, 1),
        (f"{SAME} where i <> 5 union all select 6, 6, 'x6'", 1, 1),
    ],
    ids=["lost", "doubled", "altered", "nulled", "swapped_for_a_double"],
)
def test_every_difference_is_counted(
    found: str, surplus: int, missing: int, tmp_path: Path
) -> None:
    result = compared(tmp_path, found, SAME)

    assert not result.equal
    assert (result.surplus, result.missing) == (surplus, missing)


@pytest.mark.parametrize(
    ("found", "expected"),
    [(None, SAME), (SAME, None), (None, None), (f"select id, name from ({SAME})", SAME)],
    ids=["not_found", "not_expected", "nowhere", "other_columns"],
)
def test_a_table_that_is_not_in_both_is_not_equal(
    found: str | None, expected: str | None, tmp_path: Path
) -> None:
    assert not compared(tmp_path, found, expected).equal
