"""Whether two DuckDB warehouses hold the same tables.

Belongs here: comparing tables as bags of rows, in bounded memory. Stays out: what is compared and
why (`defs/ops/rebuild.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class TableComparison:
    """A table in both warehouses: rows of each, and rows that only one of them has.

    Rows count as often as they occur. None stands for a table that is not there, or, where there is
    a `problem`, that could not be read.
    """

    table: str
    rows: int | None
    rows_expected: int | None
    surplus: int = 0
    missing: int = 0
    problem: str | None = None

    @property
    def equal(self) -> bool:
        """Whether both hold the same rows, each as often."""
        counted = self.rows is not None and self.rows == self.rows_expected
        return counted and not self.surplus and not self.missing and not self.problem

    @property
    def words(self) -> str:
        """How the table differs."""
        if self.problem:
            return f"cannot be read: {self.problem}"
        if self.rows is None or self.rows_expected is None:
            return "is not in both warehouses"
        return (
            f"{self.rows:,} rows, {self.rows_expected:,} in the rebuild; "
            f"{self.surplus:,} too many, {self.missing:,} missing"
        )


def compare_warehouses(
    found: Path, expected: Path, tables: Sequence[str], memory_limit: str, scratch: Path
) -> Iterator[TableComparison]:
    """Compare tables of two DuckDB files; neither is written.

    Args:
        found: the warehouse to judge.
        expected: the one that it should equal.
        tables: names `schema.table`.
        memory_limit: DuckDB's, for instance `1000MB`.
        scratch: folder for what does not fit into memory.
    """
    import duckdb

    with duckdb.connect(config={"memory_limit": memory_limit}) as db:
        db.execute("set TimeZone = 'UTC'")
        db.execute("set enable_progress_bar = false")
        db.execute(f"set temp_directory = {quote_text(str(scratch))}")
        db.execute(f"attach {quote_text(str(found))} as found (read_only)")
        db.execute(f"attach {quote_text(str(expected))} as expected (read_only)")
        for table in tables:
            try:
                yield _compare(db, table)
            except duckdb.Error as error:  # a damaged block; the others can still be judged
                yield TableComparison(table, None, None, problem=str(error).splitlines()[0])


def _compare(db: duckdb.DuckDBPyConnection, table: str) -> TableComparison:
    columns, wanted = _columns(db, "found", table), _columns(db, "expected", table)
    name = ".".join(quote_name(part) for part in table.split("."))
    if not columns or columns != wanted:
        rows = _rows(db, f"found.{name}") if columns else None
        other = _rows(db, f"expected.{name}") if wanted else None
        return TableComparison(table, rows, other, surplus=rows or 0, missing=other or 0)
    listed = ", ".join(quote_name(column) for column in columns)
    digest = f"select count(*), sum(hash({listed})), bit_xor(hash({listed})) from "
    mine = db.execute(digest + f"found.{name}").fetchall()
    theirs = db.execute(digest + f"expected.{name}").fetchall()
    surplus = missing = 0
    if mine != theirs:
        surplus = _except(db, listed, f"found.{name}", f"expected.{name}")
        missing = _except(db, listed, f"expected.{name}", f"found.{name}")
    return TableComparison(table, mine[0][0], theirs[0][0], surplus, missing)


def _columns(db: duckdb.DuckDBPyConnection, database: str, table: str) -> list[str]:
    schema, _, name = table.partition(".")
    rows = db.execute(
        "select column_name from duckdb_columns() where database_name = ? and schema_name = ? "
        "and table_name = ? order by column_index",
        [database, schema, name],
    ).fetchall()
    return [column for (column,) in rows]


def _rows(db: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(db.execute(f"select count(*) from {table}").fetchall()[0][0])


def _except(db: duckdb.DuckDBPyConnection, columns: str, left: str, right: str) -> int:
    query = f"select {columns} from {left} except all select {columns} from {right}"
    return int(db.execute(f"select count(*) from ({query})").fetchall()[0][0])
