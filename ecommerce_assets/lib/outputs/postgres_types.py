"""The types of the warehouses' rows, as PostgreSQL has them and as CSV can carry them.

Belongs here: the mapping from Arrow. Stays out: reading and writing rows (`postgres.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.failures import PermanentFailure

if TYPE_CHECKING:
    import pyarrow as pa


def postgres_type(name: str, kind: pa.DataType) -> str:
    """PostgreSQL's type for Arrow's, as PostgreSQL itself spells it.

    Raises:
        PermanentFailure: it has none.
    """
    import pyarrow.types as is_

    if is_.is_dictionary(kind):
        return postgres_type(name, kind.value_type)
    if is_.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    if is_.is_timestamp(kind):
        return f"timestamp {'with' if kind.tz else 'without'} time zone"
    known: list[tuple[Any, str]] = [
        (is_.is_boolean, "boolean"),
        (lambda t: is_.is_int8(t) or is_.is_uint8(t) or is_.is_int16(t), "smallint"),
        (lambda t: is_.is_uint16(t) or is_.is_int32(t), "integer"),
        (lambda t: is_.is_uint32(t) or is_.is_int64(t), "bigint"),
        (is_.is_uint64, "numeric(20,0)"),
        (lambda t: is_.is_float16(t) or is_.is_float32(t), "real"),
        (is_.is_float64, "double precision"),
        (lambda t: is_.is_string(t) or is_.is_large_string(t) or is_.is_string_view(t), "text"),
        (is_.is_date, "date"),
    ]
    for holds, found in known:
        if holds(kind):
            return found
    raise PermanentFailure(
        f"the column {name} is of the type {kind}, which no column of PostgreSQL is made for",
        "cast it in the query that gives the rows, for instance to text",
    )


def writable(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch in the schema's types, or in their like where those cannot be written as CSV."""
    import pyarrow as pa

    def plain(kind: pa.DataType) -> pa.DataType:
        if pa.types.is_dictionary(kind):
            return plain(kind.value_type)
        if pa.types.is_string_view(kind):
            return pa.string()
        if pa.types.is_float16(kind):
            return pa.float32()
        return pa.date32() if pa.types.is_date64(kind) else kind

    return batch.cast(pa.schema([pa.field(f.name, plain(f.type)) for f in schema]))
