"""DuckDB as the warehouse: one file, whose raw tables are views over the lake's Parquet.

Belongs here: the views, the copy for readers, the wait for the file's lock. Stays out: models (dbt
makes them). Measured: a native copy of a month costs seconds and makes its queries no faster worth
naming, so the lake is the only copy of raw rows. DuckDB has one writer at a time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tenacity

from ecommerce_assets.lib import truths
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import FOLDER, each_attempt_once, ledger_columns
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.quarantine import QUARANTINE_COLUMNS
from ecommerce_assets.lib.rules import quote_name, quote_text

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: How long a step waits for another process to let go of the file.
LOCK_WAIT_S = 60.0


class DuckDBWarehouse:
    """A DuckDB file as the warehouse.

    Args:
        path: the file; it is made when it is first written.
        memory_limit: for each connection.
    """

    kind = "duckdb"

    def __init__(self, path: Path, memory_limit: str = "1000MB") -> None:
        self.path = path
        self._memory_limit = memory_limit

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC; it waits while another process holds the file.

        Raises:
            TransientFailure: the file stayed locked, or is not there to be read.
        """
        connection = self._open(read_only)
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")
            yield connection
        finally:
            connection.close()

    def load_month(self, contract: TableContract, lake: Lake, month: date) -> int:
        """See `Warehouse.load_month`; the count proves that the view sees the month."""
        self.show_raw(contract, lake)
        column = quote_name(contract.month_column)
        (row,) = self.query(
            f"select count(*) from {contract.domain}_raw.{contract.table} "
            f"where {column} >= ? and {column} < ?",
            [f"{month} 00:00:00+00", f"{next_month(month)} 00:00:00+00"],
        )
        return int(row[0])

    def show_raw(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.show_raw`."""
        self._ensure_view(f"{contract.domain}_raw", contract.table, raw_view(contract, lake))

    def shows(self, contract: TableContract, lake: Lake) -> bool:
        """See `Warehouse.shows`."""
        return self.path.exists() and self._has_view(
            f"{contract.domain}_raw", contract.table, raw_view(contract, lake)
        )

    def load_operations(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.load_operations`."""
        folder = lake.location(f"quarantine/{contract.domain}/{contract.table}")
        self._ensure_view(
            f"{contract.domain}_raw",
            f"{contract.table}_quarantine",
            f"select {', '.join(QUARANTINE_COLUMNS)} "
            f"from read_parquet({quote_text(folder + '/*/*.parquet')}, hive_partitioning = false)",
        )
        self._ensure_view("ops", "load_ledger", ledger_view(lake))

    def show_truths(self, lake: Lake) -> None:
        """See `Warehouse.show_truths`."""
        documents = lake.location(truths.FOLDER) + "/*/*.json"
        self._ensure_view("ops", "truths", json_view(documents, truths.COLUMNS))

    def count_rows(self, table: str) -> int:
        """See `Warehouse.count_rows`."""
        qualified = ".".join(quote_name(part) for part in table.split("."))
        (row,) = self.query(f"select count(*) from {qualified}")
        return int(row[0])

    def query(self, sql: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """See `Warehouse.query`."""
        with self.connect(read_only=True) as connection:
            return connection.execute(sql, parameters or []).fetchall()

    def read(self, sql: str, parameters: list[Any] | None = None) -> pa.Table:
        """See `Warehouse.read`."""
        with self.connect(read_only=True) as connection:
            found: pa.Table = connection.sql(sql, params=parameters or []).to_arrow_table()
            return found

    def query_named(self, sql: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
        """See `Warehouse.query_named`."""
        with self.connect(read_only=True) as connection:
            result = connection.execute(sql, parameters or [])
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def publish_copy(self, target: Path) -> int:
        """Put a copy of the whole file where readers may open it; gives its bytes.

        Readers of the old copy keep it: the new one takes its name in one step.
        """
        with self.connect() as connection:
            connection.execute("checkpoint")
            # The connection stays open until the end: no other process writes or copies meanwhile,
            # so one name will do, and what a killed copy left under it is overwritten.
            staged = target.with_name(f".{target.name}.staged")
            shutil.copyfile(self.path, staged)
            staged.replace(target)
        return target.stat().st_size

    def _ensure_view(self, schema: str, name: str, sql: str) -> None:
        """Make a view, unless the very same one is there: then nothing is written."""
        if self.path.exists() and self._has_view(schema, name, sql):
            return
        with self.connect() as connection:
            connection.execute("begin")
            connection.execute(f"create schema if not exists {quote_name(schema)}")
            qualified = f"{quote_name(schema)}.{quote_name(name)}"
            connection.execute(f"create or replace view {qualified} as {sql}")
            connection.execute(f"comment on view {qualified} is {quote_text(_mark(sql))}")
            connection.execute("commit")

    def _has_view(self, schema: str, name: str, sql: str) -> bool:
        """Whether a view made of this very SQL is there; its comment tells."""
        found = self.query(
            "select comment from duckdb_views() where schema_name = ? and view_name = ?",
            [schema, name],
        )
        return found == [(_mark(sql),)]

    def _open(self, read_only: bool) -> duckdb.DuckDBPyConnection:
        import duckdb

        if read_only and not self.path.exists():
            raise TransientFailure(
                f"there is no warehouse at {self.path}", "materialise a month first: make demo"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        config = {"memory_limit": self._memory_limit}
        try:
            return tenacity.Retrying(
                retry=tenacity.retry_if_exception(_held_by_another),
                wait=tenacity.wait_exponential_jitter(0.05, 2),
                stop=tenacity.stop_after_delay(LOCK_WAIT_S),
                reraise=True,
            )(duckdb.connect, str(self.path), read_only=read_only, config=config)
        except duckdb.IOException as error:
            if not _held_by_another(error):
                raise PermanentFailure(
                    f"the warehouse {self.path} cannot be opened ({str(error).splitlines()[0]})",
                    "check the path and its permissions; where the file is damaged, move it away "
                    "and materialise the months again",
                ) from error
            raise TransientFailure(
                f"another process holds {self.path} ({_holder(error)})",
                "close it; to read while others write, open the copy published.duckdb",
            ) from error


def _mark(sql: str) -> str:
    """The comment by which a view is known again."""
    return f"/* {sql} */"


def _held_by_another(error: BaseException) -> bool:
    """Whether DuckDB could not lock the file; its message is all that tells."""
    return "Could not set lock on file" in str(error)


def _holder(error: BaseException) -> str:
    """The part of DuckDB's message that names the process, e.g. `… held in python (PID 7)`."""
    return str(error).splitlines()[0].partition('": ')[2].partition(". See also")[0]


def raw_view(contract: TableContract, lake: Lake) -> str:
    """The SELECT of a raw table: every published month, with each row's place in its file.

    A table of which no month is published has no rows: a glob that finds no file would be an error.
    """
    if not lake.months(contract.domain, contract.table):
        typed = [f"cast(null as {c.duckdb_type}) as {quote_name(c.name)}" for c in contract.columns]
        listed = ", ".join([*typed, "cast(null as bigint) as source_row_no"])
        return f"select {listed} where false"
    glob = lake.location(f"{contract.domain}/{contract.table}/*/{contract.table}.parquet")
    columns = ", ".join(quote_name(name) for name in contract.column_names)
    return (
        f"select {columns}, file_row_number as source_row_no "
        f"from read_parquet({quote_text(glob)}, file_row_number = true, hive_partitioning = false)"
    )


def ledger_view(lake: Lake) -> str:
    """The SELECT over the ledger's objects: each attempt once, as `ledger.Ledger.rows` takes it."""
    documents = lake.location(FOLDER) + "/*/*/*.json"
    rows = json_view(documents, ledger_columns(), ignore_errors=True)
    return f"{rows} {each_attempt_once()}"


def json_view(glob: str, columns: dict[str, str], *, ignore_errors: bool = False) -> str:
    """The SELECT over JSON documents of the lake, a line a row, with declared types."""
    tolerant = "ignore_errors = true, " if ignore_errors else ""
    listed = ", ".join(f"{name}: {quote_text(kind)}" for name, kind in columns.items())
    return (
        f"select * from read_json({quote_text(glob)}, format = 'newline_delimited', "
        f"{tolerant}hive_partitioning = false, columns = {{{listed}}})"
    )
