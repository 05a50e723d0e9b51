"""Tables and columns looked up by name in DuckLake's own tables.

local-bigquery asks `duckdb_tables()` and `duckdb_columns()`, several times for each table of each
statement, and these list every table of every database, results of all earlier jobs among them:
half of the work of a build. Belongs here: the same answers for one table, or one dataset.
"""

from __future__ import annotations

from typing import Any

import duckdb
from local_bigquery.catalog import datasets, metadata, names, tabledata, tables
from local_bigquery.engine import database, types
from local_bigquery.errors import not_found
from local_bigquery.sql.rules import information_schema
from local_bigquery.sql.rules import partitions as partition_rules
from sqlglot import exp

#: Where the results of jobs are: a database of DuckDB itself.
EMULATOR = "emulator"


def _current(project_id: str, what: str) -> str:
    """The current tables, or views, of a project, each beside its dataset."""
    lake = database.quote(f"__ducklake_metadata_{project_id}")
    return (
        f"{lake}.ducklake_{what} AS o JOIN {lake}.ducklake_schema AS s USING (schema_id) "
        "WHERE o.end_snapshot IS NULL AND s.end_snapshot IS NULL AND s.schema_name = $1"
    )


def objects(
    project_id: str, dataset_id: str, table_id: str | None = None
) -> list[tuple[str, str, int]]:
    """Name, kind and rows of a dataset's tables and views, or of one of them.

    Rows are counted of results alone; `lookup` counts those of other tables.
    """
    if project_id == EMULATOR and table_id is not None:
        try:
            ((rows,),) = database.fetch(
                f"SELECT count(*) FROM {database.quote(project_id, dataset_id, table_id)}"
            )
        except duckdb.CatalogException:
            return []
        return [(table_id, "TABLE", rows)]
    if project_id not in database._attached:
        return []
    selects = [
        f"SELECT {what}_name, '{what.upper()}', 0 FROM {_current(project_id, what)} "
        f"AND {what}_name = coalesce($2, {what}_name)"
        for what in ("table", "view")
    ]
    return database.fetch(f"{' UNION ALL '.join(selects)} ORDER BY 1", [dataset_id, table_id])


def marked(project_id: str, dataset_id: str, table_id: str, where: str) -> set[str]:
    """The names of a table's own columns for which a condition on DuckLake's record holds."""
    if project_id not in database._attached:
        return set()
    columns = f"{database.quote(f'__ducklake_metadata_{project_id}')}.ducklake_column"
    found = database.fetch(
        f"SELECT column_name FROM {columns} AS c WHERE c.end_snapshot IS NULL "
        f"AND c.parent_column IS NULL AND {where} AND c.table_id IN "
        f"(SELECT table_id FROM {_current(project_id, 'table')} AND o.table_name = $2)",
        [dataset_id, table_id],
    )
    return {name for (name,) in found}


def columns(project_id: str, dataset_id: str, table_id: str) -> list[Any]:
    """A table's columns with their types and modes; those of results may all be null."""
    result = dataset_id == tables.RESULTS
    required = set() if result else marked(project_id, dataset_id, table_id, "NOT c.nulls_allowed")
    with database.cursor() as cur:
        try:
            relation = cur.sql(
                f"SELECT * FROM {tables.name(project_id, dataset_id, table_id)} LIMIT 0"
            )
        except duckdb.CatalogException:
            raise not_found("Table", names.label(project_id, dataset_id, table_id)) from None
        return [
            types.field(name, kind, name in required)
            for name, kind in zip(relation.columns, relation.types, strict=True)
            if name != tables.INGESTION_TIME or result
        ]


def hidden(table: Any) -> bool:
    """Whether a table is partitioned by the time at which its rows came."""
    if not (table.catalog and table.db and isinstance(table.this, exp.Identifier)):
        return False
    where = f"c.column_name = '{tables.INGESTION_TIME}'"
    return bool(marked(table.catalog, table.db, table.name, where))


def table_list(project_id: str, dataset_id: str | None) -> tuple[list[str], list[list[Any]]]:
    """`INFORMATION_SCHEMA.TABLES`: what is recorded says it, no table has to be read."""
    ids = [d.datasetReference.datasetId for d in datasets.list_(project_id)]
    asked = [(project_id, each) for each in ([dataset_id] if dataset_id else ids)]
    found = [each for listed in metadata.existing(tables.list_, asked) for each in listed]
    columns = ["table_type", "is_insertable_into", "is_typed", "creation_time TIMESTAMP"]
    rows = [
        [
            *information_schema._identity(each),
            information_schema.TABLE_TYPES.get(each.type, each.type),
            "YES" if each.type == "TABLE" else "NO",
            "NO",
            information_schema._timestamp(each.creationTime),
        ]
        for each in found
    ]
    return [*information_schema.IDENTITY, *columns], rows


database.objects = objects
tables.columns = tabledata.columns = columns
partition_rules._hidden = hidden
information_schema.VIEWS["TABLES"] = table_list
