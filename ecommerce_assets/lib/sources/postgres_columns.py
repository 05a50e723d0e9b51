r"""How the columns of a PostgreSQL table are handed over: in which type, and what no type can hold.

Belongs here: the SQL of a column's values, the Arrow type of each, and the text that versions are
made from. Stays out: asking for rows (`postgres.py`), judging them.

A type is kept where Arrow holds each of its values, or each but a few: infinite times, times that
Python has no date for, and numbers that are none stand in the column `UNFIT` as texts. Any other
type is handed over as the text that the database makes of it, with all its digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.ingest.readers.typed import UNFIT
from ecommerce_assets.lib.postgres import Table, identifier

if TYPE_CHECKING:
    import pyarrow as pa
    from psycopg import sql

TIMES = ("timestamp without time zone", "timestamp with time zone", "date")
_INTEGERS = {"smallint": 16, "integer": 32, "bigint": 64}
_TEXTS = ("text", "character varying")
_NUMERIC = re.compile(r"numeric\((\d+),(\d+)\)")
#: Types whose texts hold neither a line break, nor a backslash, and are never empty.
_PLAIN = (*TIMES, *_INTEGERS, "numeric", "real", "double precision", "boolean", "uuid")
#: Python's first and last day, each a day inside, since a time zone may move a time over the edge.
_FIRST, _LAST = "0001-01-02", "9999-12-30"
_SECONDS = "YYYY-MM-DD HH24:MI:SS"


@dataclass(frozen=True)
class Column:
    """A column of a table as a file has it.

    Attributes:
        name: in the file.
        own: in the table.
        kind: its type, without length and precision.
        exact: the same with them.
    """

    name: str
    own: str
    kind: str
    exact: str

    @property
    def text(self) -> sql.Composed:
        r"""The value as text that versions are made from; line feeds are the two characters `\n`.

        It is not exact: `lossy` says for which rows.
        """
        from psycopg import sql

        column = identifier(self.own)
        if self.kind not in TIMES:
            return sql.SQL("replace(replace({}::text, chr(13), {}), chr(10), {})").format(
                column, sql.Literal(r"\r"), sql.Literal(r"\n")
            )
        return sql.SQL(
            "case when not isfinite({0}) then {0}::text "
            "when date_trunc('second', {0}::timestamp) = {0}::timestamp then to_char({0}, {1}) "
            "else to_char({0}, {2}) end"
        ).format(column, sql.Literal(_SECONDS), sql.Literal(f"{_SECONDS}.US"))

    @property
    def lossy(self) -> sql.Composed | None:
        """True of a value that `text` does not tell from another, or that was once null in a file.

        None where there is no such value.
        """
        from psycopg import sql

        if self.kind in _PLAIN:
            return None
        return sql.SQL("coalesce({0}::text = '' or {0}::text ~ {1}, false)").format(
            identifier(self.own), sql.Literal("[\n\r]|\\\\[nr]")
        )

    @property
    def value(self) -> sql.Composable:
        """The value as it is handed over; null where it is unfit."""
        from psycopg import sql

        column, unfit = identifier(self.own), self.unfit
        if unfit is not None:
            return sql.SQL("case when not {} then {} end").format(unfit, column)
        return column if self._is_typed else sql.SQL("{}::text").format(column)

    @property
    def unfit(self) -> sql.Composed | None:
        """True of a value that its type in the file cannot hold; None where it holds all."""
        from psycopg import sql

        column = identifier(self.own)
        if self.kind in TIMES:
            return sql.SQL("({0} < {1} or {0} > {2})").format(
                column, sql.Literal(_FIRST), sql.Literal(_LAST)
            )
        if self._is_typed and self.kind == "numeric":
            return sql.SQL("({} = 'NaN')").format(column)
        return None

    @property
    def type(self) -> pa.DataType:
        """The Arrow type."""
        import pyarrow as pa

        if self.kind in _INTEGERS:
            return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[_INTEGERS[self.kind]]
        if self.kind in TIMES:
            zone = "UTC" if self.kind == TIMES[1] else None
            return pa.date32() if self.kind == "date" else pa.timestamp("us", zone)
        if self._is_typed and (found := _NUMERIC.fullmatch(self.exact)):
            return pa.decimal128(int(found[1]), int(found[2]))
        return pa.string()

    @property
    def _is_typed(self) -> bool:
        found = _NUMERIC.fullmatch(self.exact)
        return self.kind in (*_INTEGERS, *TIMES, *_TEXTS) or bool(found and int(found[1]) <= 38)


def columns_of(table: Table, names: dict[str, str]) -> list[Column]:
    """Columns of a table.

    Args:
        table: as it is now.
        names: of each column in the table, by its name in the file.
    """
    return [Column(name, own, table.columns[own], table.exact[own]) for name, own in names.items()]


def unfit_values(columns: Sequence[Column]) -> sql.Composable:
    """The column `UNFIT`: a JSON object of a row's unfit values as texts; null without any."""
    from psycopg import sql

    parts = [
        sql.SQL("jsonb_build_object({}, case when {} then {}::text end)").format(
            sql.Literal(column.name), column.unfit, identifier(column.own)
        )
        for column in columns
        if column.unfit is not None
    ]
    if not parts:
        return sql.SQL("null::text")
    return sql.SQL("nullif(jsonb_strip_nulls({})::text, '{{}}')").format(
        sql.SQL(" || ").join(parts)
    )


def any_lossy(columns: Iterable[Column]) -> sql.Composable:
    """True of a row with a value that is `lossy`."""
    from psycopg import sql

    found = [column.lossy for column in columns if column.lossy is not None]
    return sql.SQL(" or ").join(found) if found else sql.SQL("false")


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """The columns of a file, with `UNFIT` at their end."""
    import pyarrow as pa

    return pa.schema([*((c.name, c.type) for c in columns), (UNFIT, pa.string())])


def batch_of(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as the client gave them, as columns."""
    import pyarrow as pa

    arrays = [
        pa.array(values, field.type)
        for values, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema)
