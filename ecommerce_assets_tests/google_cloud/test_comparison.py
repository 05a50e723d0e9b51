"""Models rebuilt beside the real ones in BigQuery are compared as bags of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse
from ecommerce_assets.lib.warehouse.bigquery_comparison import (
    REBUILT,
    compare_with_rebuilt,
    empty_dataset,
)
from ecommerce_assets.lib.warehouse.comparison import TableComparison
from ecommerce_assets_tests.support.emulators.google_cloud import GoogleCloud

MARTS = "comparison_marts"
SAME = (
    "select id, mod(id, 7) as bucket, concat('x', cast(id as string)) as name, "
    "cast(id as numeric) / 4 as price, timestamp_micros(id) as at "
    "from unnest(generate_array(0, 999)) as id"
)


@pytest.fixture
def warehouse(google: GoogleCloud) -> Iterator[BigQueryWarehouse]:
    opened = BigQueryWarehouse(google.project, "EU")
    for name in (MARTS, REBUILT):
        opened.client.delete_dataset(name, delete_contents=True, not_found_ok=True)
    opened.ensure_dataset(MARTS)
    empty_dataset(opened)
    yield opened
    for name in (MARTS, REBUILT):
        opened.client.delete_dataset(name, delete_contents=True, not_found_ok=True)


def compared(
    warehouse: BigQueryWarehouse, found: str | None, expected: str | None
) -> TableComparison:
    for dataset, sql in ((MARTS, found), (REBUILT, expected)):
        if sql:
            warehouse.query(f"create table {dataset}.sales as {sql}")
    (result,) = compare_with_rebuilt(warehouse, [f"{MARTS}.sales"])
    return result


def test_the_order_of_rows_does_not_count(warehouse: BigQueryWarehouse) -> None:
    result = compared(warehouse, SAME, f"select * from ({SAME}) order by name desc")

    assert result.equal
    assert (result.rows, result.rows_expected) == (1000, 1000)


@pytest.mark.parametrize(
    ("found", "surplus", "missing"),
    [
        (f"{SAME} where id <> 5", 0, 1),
        (f"{SAME} union all {SAME}", 1000, 0),
        (f"select * replace (if(id = 5, 3, bucket) as bucket) from ({SAME})", 1, 1),
        (f"select * replace (if(id = 5, null, name) as name) from ({SAME})", 1, 1),
        (f"select * replace (if(id = 5, price + 0.01, price) as price) from ({SAME})", 1, 1),
        (f"select * except (name) from ({SAME})", 1000, 1000),
        (None, 0, 1000),
    ],
    ids=["lost", "doubled", "altered", "nulled", "a_cent", "without_a_column", "not_there"],
)
def test_every_difference_is_counted(
    found: str | None, surplus: int, missing: int, warehouse: BigQueryWarehouse
) -> None:
    result = compared(warehouse, found, SAME)

    assert not result.equal
    assert (result.surplus, result.missing) == (surplus, missing)


def test_the_data_set_of_rebuilt_models_is_emptied_and_its_tables_expire(
    warehouse: BigQueryWarehouse,
) -> None:
    warehouse.query(f"create table {REBUILT}.sales as {SAME}")
    warehouse.query(f"create view {REBUILT}.sales_seen as select * from {REBUILT}.sales")
    empty_dataset(warehouse)

    assert list(warehouse.client.list_tables(REBUILT)) == []
    assert warehouse.client.get_dataset(REBUILT).default_table_expiration_ms == 86_400_000
