"""Rows of the warehouse into a table of a PostgreSQL database, for the systems that read there.

Belongs here: bringing one table in step with its rows, in one transaction. Stays out: which rows
those are, and PostgreSQL as a source (`sources/postgres.py`).

A reader sees the old rows or the new ones; a process that is killed anywhere leaves the old ones.
The same rows again write nothing, so that triggers and replicas of the table stay quiet.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from ecommerce_assets.lib.failures import ContractBroken, PermanentFailure
from ecommerce_assets.lib.outputs.postgres_types import postgres_type, writable
from ecommerce_assets.lib.postgres import (
    PATIENCE,
    Address,
    Patience,
    Table,
    address,
    connect,
    describe,
    identifier,
    postgres_errors,
)

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa
    from psycopg import sql

logger = logging.getLogger(__name__)

_STAGE = "rows_to_load"


@dataclass(frozen=True)
class Window:
    """The part of a table that a load stands for: `start` ≤ `column` < `end`."""

    column: str
    start: Any
    end: Any


@dataclass(frozen=True)
class Upserted:
    """What a load did to the rows of its window; `created`: the table was made for it."""

    inserted: int
    updated: int
    deleted: int
    unchanged: int
    created: bool = False


@dataclass(frozen=True)
class _Load:
    """A load's parts: the stage holds its rows, the target is the table of the user."""

    connection: psycopg.Connection[Any]
    target: sql.Identifier
    stage: sql.Identifier
    columns: tuple[str, ...]
    key: tuple[str, ...]
    window: Window | None


def upsert_table(
    dsn: SecretStr | str,
    table: str,
    batches: Iterable[pa.RecordBatch],
    *,
    schema: pa.Schema,
    key: Sequence[str],
    window: Window | None = None,
    patience: Patience = PATIENCE,
) -> Upserted:
    """Make the window of a table hold exactly these rows: new, changed and vanished ones alike.

    Args:
        dsn: `postgresql://user:password@host:5432/database` or `key=value …`.
        table: `schema.table`, written as in SQL; made with typed columns and primary key if it is
            not there, as is its schema. Columns that the rows do not have stay as they are.
        batches: the rows, read once; for instance DuckDB's `to_arrow_reader()`, or BigQuery's
            `to_arrow_iterable()`.
        schema: their columns and types.
        key: the columns of the primary key.
        window: rows of the table outside it are left alone; None: the rows are the whole table.
        patience: how long the server is waited for.

    Raises:
        ContractBroken: two rows with one key, a key with a null, or a row outside the window.
        PermanentFailure: the table is another than the rows need, a type has no counterpart, no
            permission, or wrong user or password.
        TransientFailure: the server, the way to it, or another transaction is at fault.
    """
    where = address(dsn)
    columns = tuple(schema.names)
    missing = {*key, *([window.column] if window else [])} - set(columns)
    if not key or missing or len(set(columns)) < len(columns):
        raise ValueError(f"key and window of {table} must be columns, each there once: {missing}")
    types = {field.name: postgres_type(field.name, field.type) for field in schema}
    with (
        postgres_errors(where, table),
        connect(where, patience) as connection,
    ):
        connection.execute("select set_config('TimeZone', 'UTC', true)")
        target, created = _target(connection, where, table, types, key)
        stage = identifier("pg_temp", _STAGE)
        load = _Load(connection, target.name, stage, columns, tuple(key), window)
        _fill_stage(load, batches, schema, types, table)
        counts = _bring_in_step(load, created)
    logger.info("%s/%s: %s", where.shown, table, counts)
    return counts


# --- the table ------------------------------------------------------------------------------


def _target(
    connection: psycopg.Connection[Any],
    where: Address,
    name: str,
    types: dict[str, str],
    key: Sequence[str],
) -> tuple[Table, bool]:
    """The table, made if need be and locked against other writers; and whether it was made."""
    from psycopg import sql

    # Two loads that both make the table would be in each other's way.
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
    table = describe(connection, name)
    created = table is None
    if table is None:
        parts = connection.execute("select parse_ident(%s)", [name]).fetchone()
        names = parts[0] if parts else []
        if len(names) == 2:
            connection.execute(
                sql.SQL("create schema if not exists {}").format(identifier(names[0])), []
            )
        connection.execute(
            sql.SQL("create table if not exists {} ({}, primary key ({}))").format(
                identifier(*names), _definitions(types), _names(key)
            ),
            [],
        )
        table = describe(connection, name)
    if table is None:
        raise PermanentFailure(f"{where.shown} has no {name}", "write the name as schema.table")
    # Readers go on; another load of the same table waits.
    connection.execute(sql.SQL("lock table {} in share row exclusive mode").format(table.name), [])
    if not created:
        _require_fitting(connection, table, types, key)
    return table, created


def _require_fitting(
    connection: psycopg.Connection[Any], table: Table, types: dict[str, str], key: Sequence[str]
) -> None:
    other = [
        f"{column} {table.exact.get(column, 'missing')} instead of {wanted}"
        for column, wanted in types.items()
        if table.exact.get(column) != wanted
    ]
    if other:
        raise PermanentFailure(
            f"the table {table.shown} has other columns than the rows: {'; '.join(other)}",
            "alter it, or drop it: it is made again by the next load",
        )
    unique = connection.execute(
        """
        select array_agg(a.attname::text) from pg_index as i
        join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
        where i.indrelid = %s and i.indisprimary
        """,
        [table.oid],
    ).fetchone()
    found = sorted(unique[0]) if unique and unique[0] else []
    if found != sorted(key):
        raise PermanentFailure(
            f"the primary key of {table.shown} is ({', '.join(found)}), "
            f"the rows' is ({', '.join(sorted(key))})",
            "alter it, or drop the table: it is made again by the next load",
        )


# --- the rows -------------------------------------------------------------------------------


def _fill_stage(
    load: _Load,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    types: dict[str, str],
    table: str,
) -> None:
    """Copy the rows into a table of this session alone, which refuses keys that are there twice."""
    import psycopg
    from psycopg import sql
    from pyarrow import csv

    connection = load.connection
    connection.execute(
        sql.SQL("create temporary table {} ({}, primary key ({})) on commit drop").format(
            identifier(_STAGE), _definitions(types), _names(load.key)
        ),
        [],
    )
    options = csv.WriteOptions(include_header=False)
    statement = sql.SQL("copy {} from stdin (format csv)").format(load.stage)
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for batch in batches:
                if batch.schema.names != list(load.columns):
                    raise ValueError(f"a batch for {table} has the columns {batch.schema.names}")
                # An empty field is null, an empty text is quoted: both sides read CSV that way.
                text = io.BytesIO()
                csv.write_csv(writable(batch, schema), text, options)
                copy.write(text.getbuffer())
    except (psycopg.errors.UniqueViolation, psycopg.errors.NotNullViolation) as error:
        twice = isinstance(error, psycopg.errors.UniqueViolation)
        raise ContractBroken(
            f"the rows for {table} are not one per {', '.join(load.key)}: "
            f"{'a key is there twice' if twice else 'a part of a key is null'}"
            f" ({error.diag.message_detail if twice else error.diag.message_primary})",
            "fix the query that gives the rows, or choose a key that tells them apart",
        ) from None
    connection.execute(sql.SQL("analyze {}").format(load.stage), [])


def _bring_in_step(load: _Load, created: bool) -> Upserted:
    """Write what differs, and delete what is gone; gives the counts.

    Nobody else writes: the table is locked, so that what is counted first is what is done.
    """
    from psycopg import sql

    others = [column for column in load.columns if column not in load.key]
    parts = {
        "target": load.target,
        "stage": load.stage,
        "columns": _names(load.columns),
        "key": _names(load.key),
        "same_key": _equal(load.key),
        "absent": sql.SQL("t.{} is null").format(identifier(load.key[0])),
        "changed": _row("t", others) + sql.SQL(" is distinct from ") + _row("s", others)
        if others
        else sql.SQL("false"),
        "update": sql.SQL("update set {} where {} is distinct from {}").format(
            sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(identifier(column)) for column in others
            ),
            _row("t", others),
            _row("excluded", others),
        )
        if others
        else sql.SQL("nothing"),
    }
    within, bounds = _within(load.window)
    _require_inside(load, within, bounds)
    counted = load.connection.execute(
        sql.SQL(
            "select count(*), count(*) filter (where {absent}), "
            "count(*) filter (where not {absent} and {changed}) "
            "from {stage} as s left join {target} as t on {same_key}"
        ).format(**parts),
        [],
    ).fetchone()
    rows, inserted, updated = counted or (0, 0, 0)
    written = load.connection.execute(
        sql.SQL(
            "insert into {target} as t ({columns}) select {columns} from {stage} "
            "on conflict ({key}) do {update}"
        ).format(**parts),
        [],
    ).rowcount
    deleted = load.connection.execute(
        sql.SQL(
            "delete from {target} as t where {within} "
            "and not exists (select from {stage} as s where {same_key})"
        ).format(within=within, **parts),
        bounds,
    ).rowcount
    if written != inserted + updated:
        raise PermanentFailure(
            f"{written:,} rows were written where {inserted + updated:,} differ",
            "see whether triggers or rules of the table keep rows out",
        )
    return Upserted(inserted, updated, deleted, rows - inserted - updated, created)


def _require_inside(load: _Load, within: sql.Composable, bounds: list[Any]) -> None:
    from psycopg import sql

    if load.window is None:
        return
    outside = load.connection.execute(
        sql.SQL("select count(*) from {} as t where ({}) is not true").format(load.stage, within),
        bounds,
    ).fetchone()
    if outside and outside[0]:
        raise ContractBroken(
            f"{outside[0]:,} rows lie outside the window that is loaded, {load.window.start} to "
            f"{load.window.end} by {load.window.column}",
            "restrict the query that gives the rows to the window",
        )


def _within(window: Window | None) -> tuple[sql.Composable, list[Any]]:
    from psycopg import sql

    if window is None:
        return sql.SQL("true"), []
    column = identifier(window.column)
    return sql.SQL("t.{0} >= %s and t.{0} < %s").format(column), [window.start, window.end]


def _definitions(types: dict[str, str]) -> sql.Composed:
    from psycopg import sql

    # The types are of `postgres_type`, never a user's text.
    return sql.SQL(", ").join(
        sql.SQL("{} {}").format(identifier(name), sql.SQL(kind)) for name, kind in types.items()
    )


def _names(columns: Sequence[str]) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(", ").join(map(identifier, columns))


def _row(table: str, columns: Sequence[str]) -> sql.Composed:
    from psycopg import sql

    values = sql.SQL(", ").join(identifier(table, column) for column in columns)
    return sql.SQL("row({})").format(values)


def _equal(columns: Sequence[str]) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(" and ").join(
        sql.SQL("s.{0} = t.{0}").format(identifier(column)) for column in columns
    )
