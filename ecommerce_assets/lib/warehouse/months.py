"""How far each table has come: its months, read by SQL that DuckDB and BigQuery both run.

Belongs here: the queries, and reading what they give. Stays out: which tables there are
(`defs/dbt/mart_months.py` reads dbt's manifest), and which months they should have.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ecommerce_assets.lib.contracts.rules import quote_text

#: The tables and views of a warehouse, as its engine lists them; `{region}` is BigQuery's location.
_EXISTING = {
    "duckdb": "select table_schema, table_name from information_schema.tables",
    "bigquery": (
        "select table_schema, table_name from `region-{region}`.INFORMATION_SCHEMA.TABLES"
    ),
}


def existing_tables_sql(kind: str, region: str) -> str:
    """The query that lists schema and name of every table and view.

    Args:
        kind: the warehouse's engine.
        region: its location, where the engine has one.
    """
    return _EXISTING[kind].format(region=region.lower())


def months_sql(tables: Mapping[str, str]) -> str:
    """The query that gives each table's months: name, and the month as the number 201910.

    Args:
        tables: `schema.table` to its date or timestamp column; at least one.
    """
    return "\nunion all\n".join(
        f"select distinct {quote_text(table)} as name, "
        f"extract(year from {column}) * 100 + extract(month from {column}) as month "
        f"from {table}"
        for table, column in sorted(tables.items())
    )


def months_by_table(rows: Iterable[Sequence[Any]]) -> dict[str, set[date]]:
    """What `months_sql` found, by table."""
    found: dict[str, set[date]] = {}
    for name, number in rows:
        if number is not None:
            found.setdefault(str(name), set()).add(date(int(number) // 100, int(number) % 100, 1))
    return found
