"""Google's own analyzer of GoogleSQL, with the project's tables as its catalog.

A pass is necessary, not sufficient: it knows a superset of BigQuery's language, and neither
options, nor scripts, nor partitions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import wasmtime
import zetasql.core.wasm_client as wasm_client
from zetasql.api import Analyzer, CatalogBuilder, TableBuilder
from zetasql.types import (
    AnalyzerOptions,
    ArrayType,
    LanguageOptions,
    Type,
    TypeKind,
    ZetaSQLBuiltinFunctionOptions,
)


def _cached() -> wasmtime.Config:
    """The analyzer's engine with wasmtime's own cache: 20 s of compiling are spent once."""
    config = wasmtime.Config()
    config.cache = True
    return config


wasm_client.Config = _cached
PRODUCT_EXTERNAL = 1  # BigQuery's public dialect: int32 and double are refused
TABLE = re.compile(r"`([\w-]+)`\.`(\w+)`\.`(\w+)`")
KINDS: dict[str, TypeKind | Type] = {
    "string": TypeKind.TYPE_STRING,
    "bigint": TypeKind.TYPE_INT64,
    "date": TypeKind.TYPE_DATE,
    "boolean": TypeKind.TYPE_BOOL,
    "timestamp": TypeKind.TYPE_TIMESTAMP,
    "numeric": TypeKind.TYPE_NUMERIC,
    "float64": TypeKind.TYPE_DOUBLE,
    "array<string>": Type(
        type_kind=TypeKind.TYPE_ARRAY,
        array_type=ArrayType(element_type=Type(type_kind=TypeKind.TYPE_STRING)),
    ),
}


def plain_kind(data_type: str) -> TypeKind | Type:
    """The analyzer's type, which has no precision and scale."""
    return KINDS[data_type.partition("(")[0]]


def kind_of(data_type: str) -> int:
    """The analyzer's number of a type that is no array."""
    kind = plain_kind(data_type)
    assert not isinstance(kind, Type), data_type
    return int(kind)


class GoogleSql:
    """An analyzer that knows the given tables: quoted name to columns and their types."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        language = LanguageOptions.maximum_features()
        language.product_mode = type(language.product_mode)(PRODUCT_EXTERNAL)
        catalog = CatalogBuilder("warehouse").with_builtin_functions(
            ZetaSQLBuiltinFunctionOptions(language_options=language)
        )
        for name, columns in tables.items():
            table = TableBuilder(flattened(name))
            for column, kind in columns.items():
                table.add_column(column, plain_kind(kind))
            catalog.add_table(table.build())
        self.analyzer: Any = Analyzer(AnalyzerOptions(language_options=language), catalog.build())

    def columns(self, sql: str) -> dict[str, int]:
        """Names and kinds of the columns of a SELECT; an error is what BigQuery would say."""
        statement = self.analyzer.analyze_statement(flattened(sql))
        return {c.name: c.column.type.type_kind for c in statement.output_column_list}


def flattened(sql: str) -> str:
    """The SQL with each three-part table name as one identifier: catalogs here have one level."""
    return TABLE.sub(lambda match: "__".join(match.groups()), sql)
