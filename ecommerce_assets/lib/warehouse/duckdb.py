"""DuckDB as the warehouse: one file, whose raw tables are views over the lake's Parquet.

Belongs here: the views, the copy for readers, the wait for the file's lock. Stays out: models (dbt
makes them). Measured: a native copy of a month costs seconds and makes its queries no faster worth
naming, so the lake is the only copy of raw rows. DuckDB has one writer at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tenacity

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Slice
from ecommerce_assets.lib.machine_faults import explained_text
from ecommerce_assets.lib.months import next_month
from ecommerce_assets.lib.warehouse import duckdb_builds
from ecommerce_assets.lib.warehouse.builds import Builds
from ecommerce_assets.lib.warehouse.duckdb_copy import publish, why_behind
from ecommerce_assets.lib.warehouse.duckdb_kept import DomainInCopy, DomainTables
from ecommerce_assets.lib.warehouse.duckdb_views import (
    Place,
    ledger_view,
    quarantine_view,
    raw_files,
    raw_view,
    truths_view,
)

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: How long a step waits for another process to let go of the file.
LOCK_WAIT_S = 60.0
#: Seconds after which waiting is told, and then between two words on it.
TELL_FIRST_S, TELL_EVERY_S = 1.0, 10.0
logger = logging.getLogger(__name__)


class DuckDBWarehouse:
    """A DuckDB file as the warehouse.

    Args:
        path: the file; it is made when it is first written.
        memory_limit: for each connection.
        patience_s: how long to wait while another process holds the file; default: LOCK_WAIT_S.
        search_path: folder of the lake. Views then name files by their keys in it, and both can be
            moved together; without it they name them by their whole paths.
    """

    kind = "duckdb"
    copies_raw = False

    def __init__(
        self,
        path: Path,
        memory_limit: str = "1000MB",
        patience_s: float | None = None,
        search_path: Path | None = None,
    ) -> None:
        self.path = path
        self._search_path = search_path
        self._memory_limit = memory_limit
        self._patience_s = patience_s

    @contextmanager
    def connect(self, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in UTC; it waits while another process holds the file.

        Raises:
            TransientFailure: the file stayed locked, or is not there to be read.
            PermanentFailure: it is damaged, or no warehouse.
        """
        import duckdb

        connection = self._open(read_only)
        try:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute("set enable_progress_bar = false")
            if self._search_path:
                folder = quote_text(str(self._search_path))
                connection.execute(f"set file_search_path = {folder}")
            yield connection
        except duckdb.Error as error:
            if _is_damage(error):
                raise self._unreadable(error) from error
            raise
        finally:
            connection.close()

    def load_slice(self, slice_: Slice) -> int:
        """See `Warehouse.load_slice`; the count proves that the view sees the slice."""
        contract, month = slice_.contract, slice_.span
        self.show_raw(contract, slice_.lake)
        if month is None:
            files = quote_text(self._place_in(slice_.lake)(raw_files(contract)))
            (row,) = self.query(
                f"select count(*) from read_parquet({files}, filename = true, "
                "hive_partitioning = false) where ends_with(filename, ?)",
                [f"/{slice_.parquet}"],
            )
            return int(row[0])
        column = quote_name(contract.time_of_month)
        (row,) = self.query(
            f"select count(*) from {contract.domain}_raw.{contract.table} "
            f"where {column} >= ? and {column} < ?",
            [f"{month} 00:00:00+00", f"{next_month(month)} 00:00:00+00"],
        )
        return int(row[0])

    def show_raw(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.show_raw`."""
        view = raw_view(contract, lake, self._place_in(lake))
        self._ensure_view(f"{contract.domain}_raw", contract.table, view)

    def shows(self, contract: TableContract, lake: Lake) -> bool:
        """See `Warehouse.shows`."""
        view = raw_view(contract, lake, self._place_in(lake))
        return self.path.exists() and self._has_view(f"{contract.domain}_raw", contract.table, view)

    def load_operations(self, contract: TableContract, lake: Lake) -> None:
        """See `Warehouse.load_operations`."""
        view = quarantine_view(contract, lake, self._place_in(lake))
        self._ensure_view(f"{contract.domain}_raw", f"{contract.table}_quarantine", view)
        self._ensure_view("ops", "load_ledger", ledger_view(self._place_in(lake)))

    def show_truths(self, lake: Lake) -> None:
        """See `Warehouse.show_truths`."""
        self._ensure_view("ops", "truths", truths_view(self._place_in(lake)))

    def await_turn(self) -> None:
        """See `Warehouse.await_turn`: a moment in which nobody else has the file open."""
        with self.connect():
            pass

    @contextmanager
    def held_open(self) -> Iterator[None]:
        """See `Warehouse.held_open`: to open the file takes 40 ms, and 1 ms where it is open."""
        if not self.path.exists():
            yield
            return
        with self.connect(read_only=True):
            yield

    def count_rows(self, table: str) -> int:
        """See `Warehouse.count_rows`."""
        qualified = ".".join(quote_name(part) for part in table.split("."))
        (row,) = self.query(f"select count(*) from {qualified}")
        return int(row[0])

    def columns_of(self, tables: list[str]) -> dict[str, dict[str, str]]:
        """See `Warehouse.columns_of`."""
        if not self.path.exists():
            return {}
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in self.query(
            "select table_schema || '.' || table_name, column_name, data_type "
            "from information_schema.columns where table_schema || '.' || table_name in "
            "(select unnest(?)) order by ordinal_position",
            [tables],
        ):
            found.setdefault(table, {})[column] = kind
        return found

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

    def builds(self, schemas: Collection[str]) -> Builds:
        """See `Warehouse.builds`; a file that is not there holds nothing."""
        if not self.path.exists():
            return Builds()
        with self.connect(read_only=True) as connection:
            return duckdb_builds.read_builds(connection, schemas)

    def forget_builds(
        self, dataset: str, forgotten: Mapping[str, Collection[date] | None]
    ) -> Builds:
        """See `Warehouse.forget_builds`."""
        with self.connect() as connection, _transaction(connection):
            duckdb_builds.forget(connection, dataset, forgotten)
            return duckdb_builds.read_builds(connection, ())

    def note_builds(
        self, dataset: str, step: str, built: Mapping[date, str], tables: Collection[str]
    ) -> Builds:
        """See `Warehouse.note_builds`."""
        with self.connect() as connection, _transaction(connection):
            duckdb_builds.note(connection, dataset, step, built, tables)
            return duckdb_builds.read_builds(connection, ())

    def publish_copy(
        self, target: Path, domains: Sequence[DomainTables] = ()
    ) -> tuple[int, list[DomainInCopy]]:
        """Put a copy of the whole file where readers may open it.

        Args:
            target: where; readers of the old copy keep it, the new one takes its name in one step.
            domains: the tables of all models; one that this warehouse does not hold whole stays
                as it is in the old copy. Other tables may come and go.

        Returns:
            The copy's bytes, and the domains that stay as they were.
        """
        with self.connect() as connection:
            # It stays open until the end: no other process writes or copies meanwhile.
            connection.execute("checkpoint")
            settings = {"memory_limit": self._memory_limit}
            return publish(connection, self.path, target, domains, settings, self._search_path)

    def why_copy_is_behind(self, target: Path) -> str | None:
        """Why the readers' copy is made again; None where it is of this very state."""
        return why_behind(self.builds(()), target) if self.path.exists() else None

    def _place_in(self, lake: Lake) -> Place:
        """How views name files: by their keys, where connections look into this lake's folder."""
        by_keys = self._search_path is not None and self._search_path == lake.search_path
        return (lambda key: key) if by_keys else lake.location

    def _ensure_view(self, schema: str, name: str, sql: str) -> None:
        """Make a view, unless the very same one is there: then nothing is written."""
        if self.path.exists() and self._has_view(schema, name, sql):
            return
        with self.connect() as connection, _transaction(connection):
            duckdb_builds.touch(connection)
            connection.execute(f"create schema if not exists {quote_name(schema)}")
            qualified = f"{quote_name(schema)}.{quote_name(name)}"
            connection.execute(f"create or replace view {qualified} as {sql}")
            connection.execute(f"comment on view {qualified} is {quote_text(_mark(sql))}")

    def _has_view(self, schema: str, name: str, sql: str) -> bool:
        """Whether a view made of this very SQL is there; its comment tells."""
        found = self.query(
            "select comment from duckdb_views() where schema_name = ? and view_name = ?",
            [schema, name],
        )
        return found == [(_mark(sql),)]

    def _unreadable(self, error: Exception) -> PermanentFailure:
        log = self.path.with_name(f"{self.path.name}.wal")
        both = f"it and {log.name}" if log.exists() else "it"
        return PermanentFailure(
            f"the warehouse {self.path} cannot be read ({str(error).splitlines()[0]})",
            f"check the path and its permissions; where the file is damaged, move {both} away and "
            "build it again: ecommerce backfill DOMAIN",
        )

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
                stop=tenacity.stop_after_delay(self._longest_s),
                before_sleep=self._tell,
                reraise=True,
            )(duckdb.connect, str(self.path), read_only=read_only, config=config)
        except duckdb.Error as error:
            fault = explained_text(str(error), str(self.path))
            if fault and not _held_by_another(error):
                raise fault from error
            if not _held_by_another(error):
                raise self._unreadable(error) from error
            raise TransientFailure(
                f"another process has held {self.path} for {self._longest_s:g} s "
                f"({_holder(error)})",
                "close it; to read while others write, open the copy published.duckdb. "
                "ECOMMERCE_WAIT_FOR_WAREHOUSE_S is how long it is waited for",
            ) from error

    @property
    def _longest_s(self) -> float:
        """How long a connection waits for another process."""
        return LOCK_WAIT_S if self._patience_s is None else self._patience_s

    def _tell(self, state: tenacity.RetryCallState) -> None:
        """Say for whom a connection waits: after a second, and then now and again."""
        waited = state.seconds_since_start or 0.0
        before = getattr(state, "told_at", 0.0)
        if waited >= (before + TELL_EVERY_S if before else TELL_FIRST_S) and state.outcome:
            state.told_at = waited  # type: ignore[attr-defined]
            error = state.outcome.exception() or Exception()
            logger.warning("waiting for %s: %s, %.0f s", self.path, _holder(error), waited)


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the block or nothing; without `commit` the connection's end takes it back."""
    connection.execute("begin")
    yield
    connection.execute("commit")


def _mark(sql: str) -> str:
    """The comment by which a view is known again."""
    return f"/* {sql} */"


def _is_damage(error: duckdb.Error) -> bool:
    """Whether the file itself could not be read; DuckDB's message is all that tells."""
    text = str(error)
    return "Corrupt database file" in text or "Could not read enough bytes from file" in text


def _held_by_another(error: BaseException) -> bool:
    """Whether DuckDB could not lock the file; its message is all that tells."""
    return "Could not set lock on file" in str(error)


def _holder(error: BaseException) -> str:
    """The part of DuckDB's message that names the process, e.g. `… held in python (PID 7)`."""
    return str(error).splitlines()[0].partition('": ')[2].partition(". See also")[0]
