"""Columns and values as BigQuery types them.

Belongs here: what a contract's column, a column of the lake's own files, and a query's parameter
become. Stays out: jobs (`bigquery.py`).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.contract import ROW_NUMBER, TableContract

if TYPE_CHECKING:
    from google.cloud import bigquery

#: BigQuery's types of columns that DuckDB reads from the lake's JSON and Parquet.
PLAIN_TYPES = {
    "VARCHAR": "STRING",
    "VARCHAR[]": "ARRAY<STRING>",
    "BIGINT": "INT64",
    "DOUBLE": "FLOAT64",
    "DATE": "DATE",
    "TIMESTAMPTZ": "TIMESTAMP",
    "DECIMAL(38, 6)": "NUMERIC",
}
_PARAMETERS = (
    (bool, "BOOL"),
    (int, "INT64"),
    (float, "FLOAT64"),
    (Decimal, "NUMERIC"),
    (datetime, "TIMESTAMP"),
    (date, "DATE"),
    (str, "STRING"),
)


def schema_of(contract: TableContract) -> list[bigquery.SchemaField]:
    """The columns of a raw table: the contract's, and each row's place in its file."""
    from google.cloud import bigquery

    fields = []
    for column in contract.columns:
        size: dict[str, Any] = {}
        if column.kind == "decimal":
            size = {"precision": column.precision, "scale": column.scale}
        mode = "REQUIRED" if column.required else "NULLABLE"
        kind = column.bigquery_type.partition("(")[0]
        fields.append(
            bigquery.SchemaField(column.name, kind, mode, description=column.description, **size)
        )
    text = "The row's place in its month's file, counted from 0."
    return [*fields, bigquery.SchemaField(ROW_NUMBER, "INT64", description=text)]


def parameter(value: Any) -> bigquery.ScalarQueryParameter:
    """A query's value with the type that fits it."""
    from google.cloud import bigquery

    kind = next(name for cls, name in _PARAMETERS if isinstance(value, cls))
    return bigquery.ScalarQueryParameter(None, kind, value)


#: Names of the API for types that SQL calls otherwise.
_SQL_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def kind_of(field: bigquery.SchemaField) -> str:
    """A column's type as SQL writes it."""
    name = _SQL_NAMES.get(field.field_type, str(field.field_type))
    size = ", ".join(str(n) for n in (field.precision, field.scale) if n is not None)
    sized = f"{name}({size})" if size else name
    return f"ARRAY<{sized}>" if field.mode == "REPEATED" else sized
