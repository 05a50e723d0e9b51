"""JSON objects as rows: a line of a text each, or a message each.

Belongs here: taking objects apart into a text for each column, exactly, and what is refused of an
object. Stays out: the judging of those texts, which is that of delimited text
(`lib/contracts/rules.py`).

A number keeps the digits that it is written with. Its spelling is judged where the contract wants a
number, and it is refused where the contract wants a text: nothing is turned into something else. A
field that is not there is null; an empty text is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.rules import MALFORMED
from ecommerce_assets.lib.ingest.damage import (
    FIELD_TWICE,
    NOT_AN_OBJECT,
    NOT_JSON,
    NUL_BYTE,
    TOMBSTONE,
    UNKNOWN_FIELDS,
    WRONG_ENCODING,
)
from ecommerce_assets.lib.ingest.readers.protocol import REFUSED_NAME, Array
from ecommerce_assets.lib.ingest.readers.typed import VALUE, Held, TypedRows
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.lib.lake.quarantine import lines_of_positions

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Rows that are taken apart at a time.
BATCH = 20_000
_BOM = b"\xef\xbb\xbf"


class JsonLineRows(TypedRows):
    """A text with a JSON object a line; see `Rows`."""

    def __init__(
        self, contract: TableContract, text: TextFile, db: duckdb.DuckDBPyConnection, folder: Path
    ) -> None:
        """Take the objects apart, into a file.

        Args:
            contract: gives the fields.
            text: the open file.
            db: reads what was taken apart.
            folder: a staging folder.
        """
        import pyarrow.parquet as pq

        objects, target = Objects(contract, contract.columns), folder / "objects.parquet"
        with pq.ParquetWriter(target, objects.schema, compression="lz4") as writer:
            for values, reasons in _batches_of(text):
                writer.write_batch(objects.take_apart(values, reasons))
        super().__init__(contract, text.name, Held(target), db)
        self.received, self.blank = text.lines, len(text.blank)
        self.header, self.unknown = contract.column_names, sorted(objects.unknown)
        self.form: Mapping[str, str] = {"quote": ""}
        self._text, self._blank = text, np.asarray(text.blank, np.int64)

    def lines_of(self, positions: Array) -> Array:
        """See `Rows.lines_of`."""
        return lines_of_positions(positions, self._blank)

    def above(self, lines: Array) -> Array:
        """See `Rows.above`."""
        return np.asarray(lines - 1 - np.searchsorted(self._blank, lines))

    def texts(self, lines: Sequence[int]) -> Iterator[str]:
        """See `Rows.texts`: lines as they are."""
        for _, line in self._text.read_lines(list(lines)):
            yield line


class MessageRows(TypedRows):
    """A table of messages, each with a JSON object as its value; see `Rows`."""

    def __init__(
        self, contract: TableContract, name: str, messages: pa.Table, db: duckdb.DuckDBPyConnection
    ) -> None:
        """Take the objects apart, in memory.

        Args:
            contract: gives the fields.
            name: of the delivery, for messages.
            messages: the column `VALUE`, text or bytes, and others that begin with `$`.
            db: reads what was taken apart.

        Raises:
            ContractBroken: see `TypedRows`.
        """
        import pyarrow as pa

        of_objects = [c for c in contract.columns if c.source_name[:1] != "$"]
        objects, parts = Objects(contract, of_objects), []
        for batch in messages.to_batches(max_chunksize=BATCH):
            values = batch.column(VALUE).cast(pa.binary()).to_pylist()
            parts.append(objects.take_apart(values, [None] * len(values)))
        apart = pa.Table.from_batches(parts, objects.schema)
        beside = messages.drop_columns([VALUE])
        for column, array in zip(apart.column_names, apart.columns, strict=True):
            beside = beside.append_column(column, array)
        super().__init__(contract, name, Held(beside), db)
        self.header, self.unknown = contract.column_names, sorted(objects.unknown)
        bare = replace(contract, columns=(), additional_columns="report")
        self._messages = TypedRows(bare, name, Held(_readable(messages)), db)
        self.form = self._messages.form

    def texts(self, lines: Sequence[int]) -> Iterator[str]:
        """See `Rows.texts`: each message as a JSON object with what came beside its value."""
        return self._messages.texts(lines)


class Objects:
    """Takes JSON objects apart into a text for each column.

    Attributes:
        schema: of what comes out: columns by their source names, and `REFUSED_NAME`.
        unknown: fields of the objects so far that the contract does not know.
    """

    def __init__(self, contract: TableContract, columns: Sequence[Column]) -> None:
        """Prepare.

        Args:
            contract: says whether unknown fields are refused.
            columns: those that are fields of the objects.
        """
        import pyarrow as pa

        names = [column.source_name for column in columns]
        self.schema = pa.schema([(name, pa.string()) for name in (*names, REFUSED_NAME)])
        self.unknown: set[str] = set()
        self._columns, self._known = columns, frozenset(names)
        self._refuses_unknown = contract.additional_columns == "refuse"

    def take_apart(
        self, values: Sequence[bytes | None], reasons: list[str | None]
    ) -> pa.RecordBatch:
        """Take some texts apart.

        Args:
            values: the texts; None for a message without one.
            reasons: why a text is refused before it is read, None where it is not; filled in.
        """
        import pyarrow as pa

        rows = [_read(value, reasons, place) for place, value in enumerate(values)]
        for place, row in enumerate(rows):
            if not row.keys() <= self._known:
                self.unknown |= row.keys() - self._known
                if self._refuses_unknown:
                    _add(reasons, place, UNKNOWN_FIELDS)
        arrays = [
            _texts([row.get(column.source_name) for row in rows], column, reasons)
            for column in self._columns
        ]
        return pa.record_batch([*arrays, pa.array(reasons, pa.string())], schema=self.schema)


def _readable(messages: pa.Table) -> pa.Table:
    """The messages with their values as text; what is not text in them is spelled out."""
    import pyarrow as pa

    values = messages[VALUE]
    try:
        texts = values.cast(pa.string())
    except pa.ArrowInvalid:
        decoded = (
            v if v is None else v.decode(errors="backslashreplace")
            for v in values.cast(pa.binary()).to_pylist()
        )
        texts = pa.chunked_array([pa.array(decoded, pa.string())])
    return messages.set_column(messages.column_names.index(VALUE), VALUE, texts)


def _read(value: bytes | None, reasons: list[str | None], place: int) -> dict[str, Any]:
    """An object's fields; empty, with the reason noted, where there is none."""
    from jiter import from_json

    if reasons[place] is not None:
        return {}
    if value is None:
        reasons[place] = TOMBSTONE
        return {}
    try:
        found = from_json(
            value,
            allow_inf_nan=False,
            cache_mode="keys",
            catch_duplicate_keys=True,
            float_mode="lossless-float",
        )
    except ValueError as error:
        reasons[place] = FIELD_TWICE if "duplicate key" in str(error) else NOT_JSON
        try:
            value.decode()
        except UnicodeDecodeError:
            reasons[place] = WRONG_ENCODING
        return {}
    if not isinstance(found, dict):
        reasons[place] = NOT_AN_OBJECT
        return {}
    if b"\\u0000" in value and any("\0" in each for each in found.values() if type(each) is str):
        reasons[place] = NUL_BYTE
        return {}
    return found


def _texts(values: list[Any], column: Column, reasons: list[str | None]) -> pa.Array:
    """The texts of a column's values; what has none that it may be is null and noted."""
    import pyarrow as pa

    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return pa.array(values, pa.string())
    is_number = column.kind != "string" and not (
        column.kind == "timestamp" and not column.time_format.epoch
    )
    if kinds == {int} and is_number and max(map(_size, values)) < 2**63:
        return pa.array(values, pa.int64()).cast(pa.string())
    texts = []
    for place, value in enumerate(values):
        if value is None or type(value) is str:
            texts.append(value)
        elif is_number:
            texts.append(_spelled(value))
        else:
            texts.append(None)
            _add(reasons, place, f"{MALFORMED[column.kind]}:{column.name}")
    return pa.array(texts, pa.string())


def _size(value: int | None) -> int:
    return 0 if value is None else abs(value)


def _spelled(value: Any) -> str:
    """The text of a value that is not one: of a number as it is written, of others no number's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return "[]" if isinstance(value, list) else "{}"
    return str(value)


def _add(reasons: list[str | None], place: int, code: str) -> None:
    before = reasons[place]
    reasons[place] = code if before is None else f"{before}|{code}"


def _batches_of(text: TextFile) -> Iterator[tuple[list[bytes | None], list[str | None]]]:
    """The lines of a text that are not blank, with the reason of each that is damaged."""
    values: list[bytes | None] = []
    reasons: list[str | None] = []
    with text.path.open("rb") as handle:
        for number, line in enumerate(handle, 1):
            value = line.rstrip(b"\n")
            if number == 1:
                value = value.removeprefix(_BOM)
            if not value:
                continue
            values.append(value)
            reasons.append(text.damage.lines.get(number))
            if len(values) == BATCH:
                yield values, reasons
                values, reasons = [], []
    if values:
        yield values, reasons
