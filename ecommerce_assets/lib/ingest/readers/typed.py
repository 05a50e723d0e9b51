"""Rows that have types themselves: a Parquet file that a source made of Arrow batches, or a table.

Belongs here: which of a delivery's types agree with the contract's, and rows as text and back.
Stays out: making the batches (`lib/sources/`), the rules (`lib/contracts/rules.py`).

A column whose type agrees is taken as it is, with its nulls and its empty texts. Any other is
turned into text and judged by its spelling, as a text of a file would be. Nothing is rounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import MALFORMED, quote_name, quote_text
from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets.lib.ingest.readers.protocol import REFUSED, REFUSED_NAME, Array

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: The entry of a footer with the types of a delivery, by which rows in quarantine are read again.
TYPES = "source_types"
#: A column that a source may add for values that a type cannot hold, such as an infinite time: a
#: JSON object of their texts by column, null in all other rows. The value itself is null.
UNFIT = "#unfit"
#: A column with ascending numbers by which people find the rows; without it they count from 1.
LINE = "$offset"
#: The column of a table of messages with their texts. All its other columns begin with `$`, too: a
#: contract's column with such a source name is taken from there and not from the object.
VALUE = "$value"
_INTEGER = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)")
_DECIMAL = re.compile(r"DECIMAL\(\d+,\d+\)")
_TIMES = {
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ",
    **{kind: kind for kind in ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE")},
}
#: Types without a text that means the same everywhere.
_NO_TEXT = re.compile(r"(BLOB|STRUCT|MAP|UNION|BIT|GEOMETRY|VARIANT)\b.*|.*\[\d*\]", re.S)


@dataclass(frozen=True)
class Held:
    """Typed columns where they lie: in a Parquet file, or in memory."""

    data: Path | pa.Table

    def read(self, db: duckdb.DuckDBPyConnection) -> str:
        """What stands behind `from` to read them."""
        if isinstance(self.data, Path):
            return f"read_parquet({quote_text(str(self.data))}, hive_partitioning = false)"
        name = f"held_{id(self.data)}"
        db.register(name, self.data)
        return name

    def types(self, db: duckdb.DuckDBPyConnection) -> dict[str, str]:
        """The DuckDB type of each column."""
        described = db.execute(f"describe select * from {self.read(db)}").fetchall()
        return {str(row[0]): str(row[1]) for row in described}

    def texts(self, names: Sequence[str], places: Sequence[int]) -> Iterator[str]:
        """Rows, by their ascending places from 1, as JSON objects of texts."""
        import duckdb

        values = ", ".join(f"cast({quote_name(name)} as varchar)" for name in names)
        with duckdb.connect() as db:
            db.execute("set TimeZone = 'UTC'")
            found = db.execute(
                f'select {values} from (select row_number() over () as "#place", * from '
                f'{self.read(db)}) where "#place" in (select unnest(?)) order by "#place"',
                [places],
            )
            while rows := found.fetchmany(10_000):
                for row in rows:
                    yield json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)


def table_of(
    texts: Sequence[str], types: Mapping[str, str], db: duckdb.DuckDBPyConnection
) -> pa.Table:
    """The rows again, out of what `Held.texts` gave.

    Args:
        texts: the rows.
        types: what `Held.types` gave.
        db: casts them.
    """
    import pyarrow as pa

    rows = [json.loads(text) for text in texts]
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in types}
    values = ", ".join(
        f"cast({quote_name(name)} as {kind}) as {quote_name(name)}" for name, kind in types.items()
    )
    return db.sql(f"select {values} from {Held(pa.table(columns)).read(db)}").to_arrow_table()


class TypedRows:
    """The rows of typed columns; see `Rows`."""

    def __init__(
        self, contract: TableContract, name: str, held: Held, db: duckdb.DuckDBPyConnection
    ) -> None:
        """Match the columns.

        Args:
            contract: the columns wanted, by their source names.
            name: of the delivery, for messages.
            held: its columns.
            db: reads them.

        Raises:
            ContractBroken: a column is missing, unknown where the contract refuses that, or of a
                type that no column of a contract has; or the rows' numbers do not ascend.
        """
        self.name, self._held, self._found = name, held, held.types(db)
        names = {column.source_name: column.name for column in contract.columns}
        own = [found for found in self._found if found not in (UNFIT, REFUSED_NAME)]
        self.header = [names.get(found, found) for found in own]
        self.unknown = [found for found in own if found not in names and found[:1] != "$"]
        self._refuse_columns(contract, names)
        self.contract = replace(contract, columns=tuple(map(self._as_delivered, contract.columns)))
        ((self.received,),) = db.execute(f"select count(*) from {held.read(db)}").fetchall()
        self.blank = 0
        self.refuses_in_band = UNFIT in self._found or REFUSED_NAME in self._found
        self.form: Mapping[str, str] = {TYPES: json.dumps(self._found)}
        self._lines = self._numbers(db)

    def source(self, db: duckdb.DuckDBPyConnection) -> str:
        """See `Rows.source`."""
        values = [
            f"{quote_name(c.source_name)} as {quote_name(c.name)}"
            if c.native is not None
            else f"cast({quote_name(c.source_name)} as varchar) as {quote_name(c.name)}"
            for c in self.contract.columns
        ]
        if REFUSED_NAME in self._found:
            values.append(REFUSED)
        elif UNFIT in self._found:
            values.append(f"{self._unfit_codes()} as {REFUSED}")
        return f"(select {', '.join(values)} from {self._held.read(db)})"

    def refused(self, db: duckdb.DuckDBPyConnection) -> tuple[Array, Array]:
        """See `Rows.refused`: all rows are delivered."""
        return np.empty(0, np.int64), np.empty(0, object)

    def lines_of(self, positions: Array) -> Array:
        """See `Rows.lines_of`."""
        return positions if self._lines is None else self._lines[positions - 1]

    def above(self, lines: Array) -> Array:
        """See `Rows.above`."""
        return lines - 1 if self._lines is None else np.searchsorted(self._lines, lines)

    def texts(self, lines: Sequence[int]) -> Iterator[str]:
        """See `Rows.texts`: each row as a JSON object of texts by its source's columns."""
        places = self.above(np.asarray(lines, np.int64)) + 1
        return self._held.texts(list(self._found), places.tolist())

    def value_in(self, text: str, column: str) -> str | None:
        """See `Rows.value_in`."""
        return value_in(self.contract, text, column)

    def _numbers(self, db: duckdb.DuckDBPyConnection) -> Array | None:
        """The lines of the rows; None where they count from 1."""
        if LINE not in self._found:
            return None
        rows = db.execute(f"select {quote_name(LINE)} as line from {self._held.read(db)}")
        lines = np.asarray(rows.fetchnumpy()["line"], np.int64)
        if (np.diff(lines) <= 0).any():
            raise ContractBroken(
                f"the numbers in the column {LINE} of {self.name} do not ascend",
                "deliver the rows in the order of their numbers, each once",
            )
        return lines

    def _refuse_columns(self, contract: TableContract, names: Mapping[str, str]) -> None:
        missing = [name for name in names if name not in self._found]
        if missing:
            raise ContractBroken(
                f"{self.name} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}; it "
                f"has {', '.join(self._found)}",
                f"deliver all columns of the contract, or change the contract {contract.path}",
            )
        if self.unknown and contract.additional_columns == "refuse":
            raise ContractBroken(
                f"{self.name} has columns that the contract does not know: "
                f"{', '.join(self.unknown)}",
                "add them to the contract, or let it say `additionalColumns: report`",
            )
        for name in names:
            if _NO_TEXT.fullmatch(self._found[name]):
                raise ContractBroken(
                    f"{self.name} has the column {name} of the type {self._found[name]}, which no "
                    "column of a contract can hold",
                    "deliver it as text, or as columns of simple types",
                )

    def _as_delivered(self, column: Column) -> Column:
        return replace(column, native=native_type(column, self._found[column.source_name]))

    def _unfit_codes(self) -> str:
        """The reason codes of the values that their types could not hold."""
        unfit, codes = quote_name(UNFIT), []
        for column in self.contract.columns:
            named = quote_text(json.dumps(column.source_name, ensure_ascii=False) + ":")
            code = quote_text(f"{MALFORMED[column.kind]}:{column.name}")
            codes.append(f"case when contains({unfit}, {named}) then {code} end")
        return f"case when {unfit} is not null then concat_ws('|', {', '.join(codes)}) end"


def native_type(column: Column, delivered: str) -> str | None:
    """A delivered DuckDB type that agrees with a column's own; None where it does not.

    It agrees where each value either is one of the column's type too, or shows that it is not: a
    number with more digits, a time that its zone's clock skips.
    """
    if column.kind == "timestamp":
        return _TIMES.get(delivered)
    is_number = _INTEGER.fullmatch(delivered)
    if column.kind == "decimal":
        is_number = is_number or _DECIMAL.fullmatch(delivered)
    return delivered if is_number and column.kind != "string" else None


def value_in(contract: TableContract, text: str, column: str) -> str | None:
    """The value of a column in a row's JSON text; None where it is null or cannot be read."""
    name = next(c.source_name for c in contract.columns if c.name == column)
    try:
        row = json.loads(text, parse_float=str, parse_int=str)
        if VALUE in row and not name.startswith("$"):
            row = json.loads(row[VALUE], parse_float=str, parse_int=str)
        unfit = json.loads(row[UNFIT]) if row.get(UNFIT) else {}
        found: Any = unfit.get(name, row.get(name))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return found if found is None or isinstance(found, str) else json.dumps(found)
