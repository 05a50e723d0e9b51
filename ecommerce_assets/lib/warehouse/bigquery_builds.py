"""`ops.build_state` in BigQuery: a small table, written with a statement before and after a build.

Belongs here: reading and writing it, listing the tables that are there. Stays out: what it means
(`builds.py`). A query of it bills BigQuery's least amount; listing tables is free of charge.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

from ecommerce_assets.lib.warehouse import builds
from ecommerce_assets.lib.warehouse.bigquery_types import PLAIN_TYPES
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse


def read_builds(warehouse: BigQueryWarehouse, schemas: Collection[str] = ()) -> Builds:
    """What the project says of itself, and which tables its data sets have; rows are not counted.

    Raises:
        LakehouseError: as every call to BigQuery.
    """
    from google.api_core.exceptions import NotFound

    tables: dict[str, int | None] = {}
    for schema in sorted(schemas):
        with warehouse.errors(schema):
            try:
                for each in warehouse.client.list_tables(f"{warehouse.project}.{schema}"):
                    tables[f"{schema}.{each.table_id}"] = None
            except NotFound:
                continue
    if warehouse.columns(builds.TABLE) is None:
        return Builds(tables=tables)
    return builds.builds_of(warehouse.query(builds.READ.format(table=_name(warehouse))), tables)


def forget(
    warehouse: BigQueryWarehouse, dataset: str, forgotten: Mapping[str, Collection[date] | None]
) -> Builds:
    """Take builds back; the first time, make the table and give the project an identity."""
    table = _name(warehouse)
    if warehouse.columns(builds.TABLE) is None:
        with warehouse.errors(builds.SCHEMA):
            warehouse.ensure_dataset(builds.SCHEMA)
        listed = ", ".join(f"{name} {PLAIN_TYPES[kind]}" for name, kind in builds.COLUMNS.items())
        warehouse.query(f"create table if not exists {table} ({listed})")
    found = read_builds(warehouse)
    if found.identity is None:
        warehouse.query(builds.insert_sql(table, [builds.identity_row()]))
        found = read_builds(warehouse)
    sql = builds.forget_sql(table, dataset, forgotten)
    if sql:
        warehouse.query(sql)
    return found


def note(
    warehouse: BigQueryWarehouse, dataset: str, step: str, built: Mapping[date, str]
) -> Builds:
    """Note what was built; the months were forgotten before."""
    if built:
        rows = builds.build_rows(dataset, step, built)
        warehouse.query(builds.insert_sql(_name(warehouse), rows))
    return read_builds(warehouse)


def _name(warehouse: BigQueryWarehouse) -> str:
    return f"`{warehouse.project}.{builds.TABLE}`"
