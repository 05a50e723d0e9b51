"""Monthly files made from a table of a PostgreSQL database, which is asked month by month.

Belongs here: versions of a month's rows, and writing them as one file of Arrow batches. Stays out:
connections and the meaning of errors (`lib/postgres.py`), types (`postgres_columns.py`), and
judging the rows.

A month is read in one transaction that sees one state of the database: its version is computed
again there, so that the file holds the rows that were found or is not made at all. Rows come batch
by batch from a cursor on the server, in the order of the month's column and then of all others, so
that equal rows give equal files. A file is Parquet: a batch is a group of its rows.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import SecretStr

from ecommerce_assets.lib.failures import PermanentFailure, SourceMissing, TransientFailure
from ecommerce_assets.lib.postgres import (
    PATIENCE,
    Patience,
    Table,
    address,
    connect,
    describe,
    identifier,
    postgres_errors,
)
from ecommerce_assets.lib.sources.postgres_columns import (
    TIMES,
    Column,
    any_lossy,
    batch_of,
    columns_of,
    schema_of,
    unfit_values,
)
from ecommerce_assets.lib.sources.protocol import (
    TYPED,
    Progress,
    SourceFile,
    month_file_name,
    month_of_file_name,
)
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.work_folder import publish, work_folder

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql

logger = logging.getLogger(__name__)

T = TypeVar("T")
_SUM = "sum(('x' || left(seen.{}, 16))::bit(64)::bigint)::text"


@dataclass(frozen=True)
class _Reading:
    """One transaction and the parts of its statements."""

    connection: psycopg.Connection[Any]
    table: sql.Identifier
    month_column: sql.Identifier
    columns: list[Column]
    mark: sql.Composable
    watermark: str | None


class PostgresTable:
    """A table or view as a source of monthly files (`MonthlySource`).

    Attributes:
        kind: Always `postgres`.
        location: Host, port, database and table; no user, no password.
    """

    kind: str = "postgres"

    def __init__(
        self,
        dsn: SecretStr | str,
        table: str,
        columns: Mapping[str, str],
        month_column: str,
        *,
        watermark_column: str | None = None,
        months: Iterable[date] | None = None,
        time_zone: str = "UTC",
        chunk_rows: int = 10_000,
        patience: Patience = PATIENCE,
        retries: Retries | None = None,
    ) -> None:
        """Describe the table; nothing is asked yet.

        Args:
            dsn: `postgresql://user:password@host:5432/database` or `key=value …`.
            table: `schema.table`, written as in SQL.
            columns: The table's column for each column of the file, in the file's order. Upper
                and lower case count only where two columns differ in nothing else.
            month_column: The table's column (date or timestamp) that says the month of a row.
            watermark_column: A column that grows with every change of a row. Rows and greatest
                value are a month's version then; without one it is a checksum over the rows.
            months: The months to offer; None for all that the table has.
            time_zone: In which months begin, where their column is an instant (`timestamptz`).
            chunk_rows: Rows in memory at a time.
            patience: How long the server is waited for.
            retries: How to repeat a reading that failed through no fault of ours.

        Raises:
            PermanentFailure: `dsn` is not an address of a PostgreSQL database.
        """
        self._where = address(dsn)
        self._table = table
        self._columns = dict(columns)
        self._month_column = month_column
        self._watermark_column = watermark_column
        self._months = None if months is None else frozenset(months)
        self._time_zone = time_zone
        self._chunk_rows = chunk_rows
        self._patience = patience
        self._retries = retries or Retries()
        self.location = f"{self._where.shown}/{table}"

    def __repr__(self) -> str:
        return f"PostgresTable({self.location!r})"

    def find(self, month: date) -> SourceFile:
        """Return the month's rows as they are now, as a file that `fetch` would make.

        Raises:
            SourceMissing: The table has no row of that month, or there is no table.
            CredentialsRefused, PermanentFailure: The server does not let this user read it.
            TransientFailure: The server did not answer, after all attempts.
        """
        if self._offers(month):
            with_rows = self._patiently(lambda: self._versions(month))
            if month in with_rows:
                return with_rows[month]
        raise SourceMissing(
            f"{self.location} has no rows of {month:%Y-%m}",
            "choose a month that it has, or start again when the shop has written it",
        )

    def available(self) -> dict[date, SourceFile]:
        """Return the months with rows, oldest first; see `find`. Reads the whole table once."""
        found = self._patiently(lambda: self._versions(None))
        return {month: file for month, file in sorted(found.items()) if self._offers(month)}

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Write the month's rows, provided that they are still those that were found.

        Args:
            file: What `find` or `available` returned.
            folder: Where the file goes, made if need be.
            progress: Told the bytes of the rows read, after each chunk of them.

        Raises:
            TransientFailure: The rows changed since, or no whole reading after all attempts.
            PermanentFailure: As `find`.
        """
        month = month_of_file_name(file.name.removesuffix(TYPED) + ".csv")
        if month is None:
            raise ValueError(f"{file.name} was not found by a PostgreSQL source")
        with work_folder(folder, file.name, f"{self.location} {file.version}") as work:
            part = work / f"{file.name}.part"
            try:
                rows = self._patiently(lambda: self._write(month, file, part, progress))
                if rows is None:
                    raise TransientFailure(
                        f"the rows of {month:%Y-%m} in {self.location} changed since they were "
                        "found",
                        "start this step again: it reads the rows of that moment",
                    )
                return publish(part, folder / file.name)
            finally:
                part.unlink(missing_ok=True)

    # --- versions ---------------------------------------------------------------------------

    def _offers(self, month: date) -> bool:
        return self._months is None or month in self._months

    def _versions(self, month: date | None) -> dict[date, SourceFile]:
        with self._reading() as reading:
            return self._versions_seen(reading, month)

    def _versions_seen(self, reading: _Reading, month: date | None) -> dict[date, SourceFile]:
        """The months with their versions in one statement; of one month, by its window alone."""
        from psycopg import sql

        statement = sql.SQL(
            "select case when isfinite(seen.at) then date_trunc('month', seen.at)::date end, "
            "count(*), {mark} from (select {at} as at, {watermark} as watermark, "
            "md5(row({values})::text) as digest, case when {lossy} then md5(row({exact})::text) "
            "end as exact from {table} {where}) as seen group by 1"
        ).format(
            mark=reading.mark,
            lossy=any_lossy(reading.columns),
            exact=sql.SQL(", ").join(
                sql.SQL("{}::text").format(identifier(column.own)) for column in reading.columns
            ),
            at=reading.month_column,
            # Of the two, the database computes the one that is used.
            watermark=identifier(reading.watermark) if reading.watermark else sql.SQL("null"),
            values=sql.SQL(", ").join(column.text for column in reading.columns),
            table=reading.table,
            where=_window(reading) if month else sql.SQL(""),
        )
        parameters = [month, month] if month else []
        found = {}
        for begins, rows, mark in reading.connection.execute(statement, parameters):
            if begins is None:
                logger.warning(
                    "%s has %d rows without a month; no file holds them", self.location, rows
                )
            else:
                found[begins] = self._source_file(begins, rows, mark)
        return found

    def _source_file(self, month: date, rows: int, mark: str | None) -> SourceFile:
        layout = repr((self._table, self._columns, self._time_zone, self._watermark_column))
        shape = hashlib.sha256(layout.encode()).hexdigest()[:8]
        return SourceFile(
            name=month_file_name(month).removesuffix(".csv") + TYPED,
            version=f"{shape}:{rows}:{mark}",
            size=None,
            location=self.location,
            rows=rows,
        )

    # --- one month --------------------------------------------------------------------------

    def _write(
        self, month: date, file: SourceFile, part: Path, progress: Progress | None
    ) -> int | None:
        """Write the month's rows and count them; None if they are no longer those of `file`."""
        import pyarrow.parquet as pq

        with self._reading() as reading:
            now = self._versions_seen(reading, month).get(month)
            if now is None or now.version != file.version:
                return None
            rows, size, schema = 0, 0, schema_of(reading.columns)
            with pq.ParquetWriter(part, schema, compression="zstd") as target:
                for chunk in self._chunks(reading, month):
                    batch = batch_of(chunk, schema)
                    target.write_batch(batch)
                    rows, size = rows + batch.num_rows, size + batch.nbytes
                    if progress is not None:
                        progress(size, None)
        if rows != file.rows:
            raise TransientFailure(
                f"{self.location} gave {rows:,} of {file.rows:,} rows of {month:%Y-%m}",
                "start this step again",
            )
        return rows

    def _chunks(self, reading: _Reading, month: date) -> Iterator[list[tuple[Any, ...]]]:
        from psycopg import sql

        statement = sql.SQL(
            "select {values}, {unfit} from {table} {where} order by {at}, {order}"
        ).format(
            values=sql.SQL(", ").join(column.value for column in reading.columns),
            unfit=unfit_values(reading.columns),
            table=reading.table,
            where=_window(reading),
            at=reading.month_column,
            order=sql.SQL(", ").join(
                sql.SQL('{} collate "C"').format(column.text) for column in reading.columns
            ),
        )
        with reading.connection.cursor(name="month", binary=True) as cursor:
            cursor.execute(statement, [month, month])
            while chunk := cursor.fetchmany(self._chunk_rows):
                yield chunk

    # --- connection -------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[_Reading]:
        """A transaction that sees one state of the database and can change nothing."""
        import psycopg

        with (
            postgres_errors(self._where, self._table),
            connect(self._where, self._patience) as connection,
        ):
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute(
                "select set_config('TimeZone', %s, true), set_config('DateStyle', 'ISO', true)",
                [self._time_zone],
            )
            table = describe(connection, self._table)
            if table is None:
                raise SourceMissing(
                    f"there is no table {self.location}, or this user does not see it",
                    "check the setting of its name (schema.table), and grant SELECT on it",
                )
            yield self._parts(connection, table)

    def _parts(self, connection: psycopg.Connection[Any], table: Table) -> _Reading:
        from psycopg import sql

        names = {name: self._column(table, own) for name, own in self._columns.items()}
        month_column = self._column(table, self._month_column)
        if table.columns[month_column] not in TIMES:
            raise PermanentFailure(
                f"the column {month_column} of {self.location} is of the type "
                f"{table.columns[month_column]}, which has no months",
                "name a column of the type timestamp, timestamptz or date, for instance by a view "
                "that converts it",
            )
        watermark = self._watermark_column and self._column(table, self._watermark_column)
        mark = (
            "max(seen.watermark)::text"
            if watermark
            # Order-independent; sums, unlike exclusive or, see a row that is there twice. Rows that
            # the first sum does not tell from others are in the second one, which few months have.
            else _SUM.format("digest") + f" || coalesce('+' || {_SUM.format('exact')}, '')"
        )
        return _Reading(
            connection,
            table.name,
            identifier(month_column),
            columns_of(table, names),
            sql.SQL(mark),
            watermark,
        )

    def _column(self, table: Table, wanted: str) -> str:
        found = table.column(wanted)
        if found is None:
            raise PermanentFailure(
                f"{self.location} has no column {wanted}; it has {', '.join(table.columns)}",
                "rename the column there, or read a view that has it under this name",
            )
        return found

    def _patiently(self, call: Callable[[], T]) -> T:
        return self._retries.run(call)


def _window(reading: _Reading) -> sql.Composed:
    """The rows of a month, in a form that an index on the column serves; takes it twice."""
    from psycopg import sql

    return sql.SQL(
        "where {at} >= %s::date::timestamp and {at} < %s::date::timestamp + interval '1 month'"
    ).format(at=reading.month_column)
