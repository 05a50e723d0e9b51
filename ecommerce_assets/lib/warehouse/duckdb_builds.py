"""`ops.build_state` in a DuckDB file; every function works on an open connection.

Belongs here: reading and writing it, counting the tables that are there. Stays out: what it means
(`builds.py`), opening the file (`duckdb.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.warehouse import builds
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    import duckdb


def read_builds(db: duckdb.DuckDBPyConnection, schemas: Collection[str] | None = None) -> Builds:
    """What the file says of itself, and which tables are there.

    Args:
        db: an open connection.
        schemas: whose tables are counted; None for all.
    """
    names = _tables(db)
    said = (builds.SCHEMA, builds.NAME) in names
    rows = db.execute(builds.READ.format(table=builds.TABLE)).fetchall() if said else []
    return builds.builds_of(
        rows, _counted(db, [n for n in names if schemas is None or n[0] in schemas])
    )


def touch(db: duckdb.DuckDBPyConnection) -> None:
    """Note that the file is about to change; the first time, give it an identity."""
    columns = ", ".join(f"{name} {kind}" for name, kind in builds.COLUMNS.items())
    db.execute(f"create schema if not exists {builds.SCHEMA}")
    db.execute(f"create table if not exists {builds.TABLE} ({columns})")
    now = builds.builds_of(db.execute(builds.READ.format(table=builds.TABLE)).fetchall())
    _put(db, [builds.identity_row(now.identity, now.generation + 1)])


def forget(
    db: duckdb.DuckDBPyConnection, dataset: str, forgotten: Mapping[str, Collection[date] | None]
) -> None:
    """Take builds back; see `builds.forget_sql`."""
    touch(db)
    sql = builds.forget_sql(builds.TABLE, dataset, forgotten)
    if sql:
        db.execute(sql)


def note(
    db: duckdb.DuckDBPyConnection,
    dataset: str,
    step: str,
    built: Mapping[date, str],
    tables: Collection[str],
) -> None:
    """Note what was built, and the rows of the tables that the build made."""
    forget(db, dataset, {step: built.keys()})
    there = [(schema, name) for schema, name in _tables(db) if f"{schema}.{name}" in tables]
    rows = builds.build_rows(dataset, step, built)
    rows += [(builds.TABLES, table, None, None, n) for table, n in _counted(db, there).items()]
    _put(db, rows)


def _put(db: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> None:
    """Add rows; those of a table, or of the warehouse itself, replace what was there."""
    if rows and rows[0][0] == builds.WAREHOUSE:
        db.execute(f"delete from {builds.TABLE} where kind = {quote_text(builds.WAREHOUSE)}")
    replaced = ", ".join(quote_text(row[1]) for row in rows if row[0] == builds.TABLES)
    if replaced:
        kind = quote_text(builds.TABLES)
        db.execute(f"delete from {builds.TABLE} where kind = {kind} and name in ({replaced})")
    if rows:
        db.execute(builds.insert_sql(builds.TABLE, rows))


def _tables(db: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Schema and name of every table."""
    found = db.execute("select schema_name, table_name from duckdb_tables() where not internal")
    return [(str(schema), str(name)) for schema, name in found.fetchall()]


def _counted(db: duckdb.DuckDBPyConnection, names: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The rows of tables; DuckDB knows them without reading the tables."""
    if not names:
        return {}
    counts = db.execute(
        " union all ".join(
            f"select {quote_text(f'{schema}.{name}')}, count(*) "
            f"from {quote_name(schema)}.{quote_name(name)}"
            for schema, name in names
        )
    )
    return {str(name): int(number) for name, number in counts.fetchall()}
