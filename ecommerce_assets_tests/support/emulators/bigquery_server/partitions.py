"""Partition decorators, `table$201910`, in loads, query destinations and copies.

Without this the rows go silently to another table. Rows of another partition are refused, and the
partition is replaced in one transaction.
"""

from __future__ import annotations

import contextvars
import re
from typing import Any

from local_bigquery.catalog import metadata, names, tables
from local_bigquery.engine import database
from local_bigquery.errors import BigQueryError
from local_bigquery.jobs import copy, runner
from local_bigquery.models import JobStatistics5, Table

DECORATED = re.compile(r"^(?P<base>.+)\$(?P<part>\d{4}|\d{6}|\d{8}|\d{10}|__NULL__)$")
FORMATS = {"HOUR": "%Y%m%d%H", "DAY": "%Y%m%d", "MONTH": "%Y%m", "YEAR": "%Y"}
LENGTHS = {"HOUR": 10, "DAY": 8, "MONTH": 6, "YEAR": 4}

_reference, _write, _copy, _get = tables.reference, tables.write, copy.run, tables.get
_target: contextvars.ContextVar[Any] = contextvars.ContextVar("target", default=None)


def reference(table: Any) -> tuple[str, str, str]:
    """A table's three names; a decorator is put by for the write that follows."""
    project, dataset, name = _reference(table)
    if match := DECORATED.match(name):
        _target.set(((project, dataset, match["base"]), match["part"]))
        name = match["base"]
    return project, dataset, name


def partition_filter(ref: Any, part: str, fallback: Any = None) -> str:
    """The predicate of a partition's rows."""
    stored = metadata.load(Table, *ref) or tables.defaults(*ref)
    layout = stored.timePartitioning or (fallback and fallback.timePartitioning)
    label = names.label(*ref)
    if layout is None or not layout.field:
        raise BigQueryError(
            "invalid", f"Cannot use decorator ${part} on non-partitioned table {label}"
        )
    column, kind = database.quote(layout.field), (layout.type or "DAY").upper()
    if part == "__NULL__":
        return f"{column} IS NULL"
    if len(part) != LENGTHS[kind]:
        raise BigQueryError(
            "invalid", f"Invalid partition decorator ${part} for {kind} partitioned table {label}"
        )
    return f"strftime({column}, '{FORMATS[kind]}') = '{part}'"


def write(
    cur: Any,
    sql: str,
    params: Any,
    ref: Any,
    config: Any,
    default: str = "WRITE_EMPTY",
    prefix: str = "Invalid schema update. ",
    isolated: bool = False,
) -> Any:
    """Write a query's rows to a table, or to the one partition that was named."""
    target = _target.get()
    _target.set(None)
    if not target or target[0] != tuple(ref):
        return _write(cur, sql, params, ref, config, default, prefix, isolated)
    part, label = target[1], names.label(*ref)
    where = partition_filter(ref, part, config)
    cur.execute(f"CREATE OR REPLACE TEMP TABLE __part_rows AS {sql}", params)
    wrong = cur.sql(
        f"SELECT count(*) FROM temp.__part_rows WHERE NOT coalesce(({where}), false)"
    ).fetchone()[0]
    if wrong:
        raise BigQueryError(
            "invalid",
            f"Some rows belong to different partitions rather than destination partition "
            f"{label}${part}",
        )
    disposition, found, name = (
        config.writeDisposition or default,
        tables.exists(*ref),
        tables.name(*ref),
    )
    config = config.replace(writeDisposition="WRITE_APPEND")
    filled = found and cur.sql(f"SELECT 1 FROM {name} WHERE {where} LIMIT 1").fetchone()
    if filled and disposition == "WRITE_EMPTY":
        raise BigQueryError("duplicate", f"Already Exists: Partition {label}${part}")
    cur.execute("BEGIN")  # what goes and what comes become visible together
    try:
        if found and disposition == "WRITE_TRUNCATE":
            cur.execute(f"DELETE FROM {name} WHERE {where}")
        rows = "SELECT * FROM temp.__part_rows"
        created = _write(cur, rows, None, ref, config, "WRITE_APPEND", prefix, False)
        cur.execute("COMMIT")
    except Exception:
        cur.execute("ROLLBACK")
        raise
    finally:
        cur.execute("DROP TABLE IF EXISTS temp.__part_rows")
    return created


def copy_run(cur: Any, config: Any, upload: Any) -> Any:
    """A copy job whose source or destination may be one partition."""
    ids = [_reference(source) for source in config.sourceTables or [config.sourceTable]]
    decorated = [*ids, _reference(config.destinationTable)]
    if not any(DECORATED.match(each[2]) for each in decorated):
        return _copy(cur, config, upload)
    selects = []
    for project, dataset, table in ids:
        match = DECORATED.match(table)
        ref = (project, dataset, match["base"] if match else table)
        tables.load(*ref)
        where = f" WHERE {partition_filter(ref, match['part'])}" if match else ""
        selects.append(f"SELECT * FROM {tables.name(*ref)}{where}")
    select = " UNION ALL BY NAME ".join(selects)
    (copied,) = cur.sql(f"SELECT count(*) FROM ({select})").fetchone()
    tables.write(cur, select, None, reference(config.destinationTable), config)
    return JobStatistics5(copiedRows=str(copied), copiedLogicalBytes="0")


def get(
    project_id: str, dataset_id: str, table_id: str, selected_fields: Any = None, view: Any = None
) -> Any:
    """The table behind a decorated name."""
    match = DECORATED.match(table_id)
    base = match["base"] if match else table_id
    return _get(project_id, dataset_id, base, selected_fields, view)


tables.reference, tables.write, tables.get = reference, write, get
copy.run = runner.HANDLERS["copy"] = copy_run
