"""The contents of a warehouse as hashes, so that two warehouses can be compared as a whole.

Belongs here: which tables count, and how a row becomes text. A run's id and the ledger, which says
when things happened, do not count; everything else does, leftovers of a killed run included.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

#: Says which attempt wrote a row; all else must be the same whoever wrote it.
NOT_COMPARED = ("run_id",)


class Content(NamedTuple):
    """The rows of a table: how many, and the SHA-256 of their texts in order."""

    rows: int
    sha256: str


def query(database: Path, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """The rows of a query, with instants in UTC."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set file_search_path = '{database.parent / 'lake'}'")
        return connection.execute(sql, list(parameters)).fetchall()


def described_query(database: Path, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of a query's columns, and its rows."""
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set file_search_path = '{database.parent / 'lake'}'")
        found = connection.execute(sql)
        return [column[0] for column in found.description], found.fetchall()


def names(database: Path) -> list[str]:
    """Every table and view of the cosmetics schemas, and of dbt's own default schema."""
    found = query(
        database,
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema like 'cosmetics%' or table_schema like 'dbt%' order by all",
    )
    return [name for (name,) in found]


def contents(database: Path) -> dict[str, Content]:
    """Every table and view with its content, ordered by all columns."""
    return {name: content(database, f"from {name}") for name in names(database)}


def content(database: Path, source: str, *parameters: Any) -> Content:
    """The content of a `from …`, ordered by all columns."""
    described = query(database, f"describe {source}", *parameters)
    columns = [name for name, *_ in described if name not in NOT_COMPARED]
    # A null and the text that stands for it must not give the same hash.
    texts = [f"""coalesce('+' || cast("{name}" as varchar), '-')""" for name in columns]
    rows = query(database, f"select {', '.join(texts)} {source} order by all", *parameters)
    digest = hashlib.sha256("|".join(columns).encode())
    for row in rows:
        digest.update("\x1f".join(row).encode() + b"\x1e")
    return Content(len(rows), digest.hexdigest())


def differing(found: dict[str, Content], wanted: dict[str, Content]) -> dict[str, Any]:
    """The tables that differ, with their rows on both sides; empty when all are equal."""
    return {
        name: (found.get(name), wanted.get(name))
        for name in sorted(found.keys() | wanted.keys())
        if found.get(name) != wanted.get(name)
    }
