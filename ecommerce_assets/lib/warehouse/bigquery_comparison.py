"""Whether models built once more in BigQuery, in a data set beside, are the same tables.

Belongs here: that data set, and comparing its tables with the real ones as bags of rows, which
BigQuery does; only counts come back. Stays out: what is compared and why
(`defs/ops/rebuild.py`), DuckDB files (`comparison.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse
from ecommerce_assets.lib.warehouse.comparison import TableComparison

#: The data set of the rebuilt models; Terraform makes it, where it is used.
REBUILT = "ops_rebuild"
#: Its tables go by themselves after a day, should a killed run leave some.
_DAY_MS = 86_400_000


def empty_dataset(warehouse: BigQueryWarehouse) -> None:
    """Make the data set of rebuilt models if it is missing, and drop what a killed run left in it.

    Raises:
        LakehouseError: as every call to BigQuery.
    """
    with warehouse.errors(REBUILT):
        warehouse.ensure_dataset(REBUILT, expire_after_ms=_DAY_MS)
        for table in warehouse.client.list_tables(f"{warehouse.project}.{REBUILT}"):
            warehouse.client.delete_table(table.reference, not_found_ok=True)


def compare_with_rebuilt(
    warehouse: BigQueryWarehouse, tables: Sequence[str]
) -> Iterator[TableComparison]:
    """Compare tables of the models with those of the same name in the data set of rebuilt ones.

    Args:
        warehouse: both are in its project; neither is written.
        tables: names `schema.table`.

    Raises:
        LakehouseError: as every call to BigQuery.
    """
    for table in tables:
        yield _compare(warehouse, table, f"{REBUILT}.{table.partition('.')[2]}")


def _compare(warehouse: BigQueryWarehouse, table: str, rebuilt: str) -> TableComparison:
    mine, theirs = warehouse.columns(table), warehouse.columns(rebuilt)
    if mine is None or mine != theirs:
        rows = None if mine is None else warehouse.count_rows(table)
        other = None if theirs is None else warehouse.count_rows(rebuilt)
        return TableComparison(table, rows, other, surplus=rows or 0, missing=other or 0)
    listed = ", ".join(f"`{column}`" for column in mine)
    # A row as its fingerprint: 64 bits are shuffled in place of all columns.
    row = f"farm_fingerprint(to_json_string(struct({listed})))"
    ((rows, other, surplus, missing),) = warehouse.query(
        f"""
        with rows_of_both as (
            select {row} as fingerprint, 1 as mine, 0 as theirs
            from `{warehouse.project}.{table}`
            union all
            select {row} as fingerprint, 0 as mine, 1 as theirs
            from `{warehouse.project}.{rebuilt}`
        ),
        counted as (
            select sum(mine) as mine, sum(theirs) as theirs from rows_of_both group by fingerprint
        )
        select
            coalesce(sum(mine), 0),
            coalesce(sum(theirs), 0),
            coalesce(sum(greatest(mine - theirs, 0)), 0),
            coalesce(sum(greatest(theirs - mine, 0)), 0)
        from counted
        """
    )
    return TableComparison(table, int(rows), int(other), int(surplus), int(missing))
