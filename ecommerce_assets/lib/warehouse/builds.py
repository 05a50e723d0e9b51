"""What a warehouse itself says that it holds: the table `ops.build_state`, written with each build.

Belongs here: what the table says, and the statements that write it on both engines. Stays out: the
fingerprints, and what is rebuilt because of them (`defs/dbt/`). The ledger tells what was attempted
somewhere; only the warehouse knows what it is now, after it was restored, replaced or damaged.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ecommerce_assets.lib.contracts.rules import quote_text

SCHEMA, NAME = "ops", "build_state"
TABLE = f"{SCHEMA}.{NAME}"
#: Name and DuckDB type of its columns. One row is of `kind` `warehouse`: `name` is a text that each
#: write replaces, `fingerprint` the identity, `number` the generation. Each table of the models has
#: a row of `kind` `table`: its name and the rows that its last build left. Every other `kind` is a
#: step of the ledger, and `name` the data set, with month and fingerprint.
COLUMNS = {
    "kind": "VARCHAR",
    "name": "VARCHAR",
    "month": "DATE",
    "fingerprint": "VARCHAR",
    "number": "BIGINT",
    "noted_at": "TIMESTAMPTZ",
}
WAREHOUSE, TABLES = "warehouse", "table"


@dataclass(frozen=True)
class Builds:
    """What a warehouse says of itself, and which tables are really there.

    Attributes:
        identity: names the warehouse for as long as it lives, copies of it included; None where
            nothing was noted in it yet.
        generation: grows with every write that is noted; 0 where the engine does not count.
        stamp: differs between any two states of a warehouse.
        built: the fingerprint of each build, by data set, step and month.
        rows: the rows that the last build of a table left.
        tables: the tables that are there, with their rows; None where counting would cost.
    """

    identity: str | None = None
    generation: int = 0
    stamp: str | None = None
    built: Mapping[tuple[str, str, date], str] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, int | None] = field(default_factory=dict)

    def months(self, dataset: str, step: str) -> dict[date, str]:
        """The fingerprints of a data set's step by month."""
        own = {key: value for key, value in self.built.items() if key[:2] == (dataset, step)}
        return {month: value for (*_, month), value in own.items()}

    def damage(self, tables: Iterable[str]) -> str | None:
        """Why these tables are not what their builds left; None where they are."""
        for table in sorted(tables):
            if table not in self.tables:
                return f"the warehouse lacks {table}"
            rows, noted = self.tables[table], self.rows.get(table)
            if rows is not None and noted is not None and rows != noted:
                return f"{table} has {rows:,} rows, its build left {noted:,}"
        return None


def builds_of(
    rows: Iterable[Sequence[Any]], tables: Mapping[str, int | None] | None = None
) -> Builds:
    """Read the rows of the table: kind, name, month, fingerprint, number.

    Two rows that contradict each other count as none: the build is then made again.
    """
    identity, generation, stamp = None, 0, None
    built: dict[tuple[str, str, date], str] = {}
    contradicted = set()
    left: dict[str, int] = {}
    for kind, name, month, fingerprint, number in rows:
        if kind == WAREHOUSE:
            identity, generation, stamp = str(fingerprint), int(number or 0), str(name)
        elif kind == TABLES:
            left[str(name)] = int(number)
        else:
            key = (str(name), str(kind), month)
            if built.setdefault(key, str(fingerprint)) != str(fingerprint):
                contradicted.add(key)
    held = {key: value for key, value in built.items() if key not in contradicted}
    return Builds(identity, generation, stamp, held, left, tables or {})


#: The query whose rows `builds_of` takes; `{table}` is the engine's name of the table.
READ = "select kind, name, month, fingerprint, number from {table}"


def forget_sql(
    table: str, dataset: str, forgotten: Mapping[str, Collection[date] | None]
) -> str | None:
    """The statement that takes builds back, before their tables are touched.

    Args:
        table: the engine's name of the table.
        dataset: whose builds.
        forgotten: months by step; None for all months.

    Returns:
        None where nothing is to be forgotten.
    """
    steps = []
    for step, months in forgotten.items():
        condition = f"kind = {quote_text(step)}"
        if months is not None:
            if not months:
                continue
            listed = ", ".join(f"date '{month:%Y-%m-%d}'" for month in sorted(months))
            condition += f" and month in ({listed})"
        steps.append(f"({condition})")
    if not steps:
        return None
    return f"delete from {table} where name = {quote_text(dataset)} and ({' or '.join(steps)})"


def insert_sql(table: str, rows: Iterable[Sequence[Any]]) -> str:
    """The statement that adds rows: kind, name, month, fingerprint, number; at least one."""
    values = []
    for kind, name, month, fingerprint, number in rows:
        day = "null" if month is None else f"date '{month:%Y-%m-%d}'"
        text = "null" if fingerprint is None else quote_text(fingerprint)
        count = "null" if number is None else str(int(number))
        values.append(
            f"({quote_text(kind)}, {quote_text(name)}, {day}, {text}, {count}, current_timestamp)"
        )
    return f"insert into {table} ({', '.join(COLUMNS)}) values {', '.join(values)}"


def identity_row(identity: str | None = None, generation: int = 0) -> tuple[Any, ...]:
    """The row that names a warehouse; without an identity it gets a new one."""
    return WAREHOUSE, uuid.uuid4().hex, None, identity or uuid.uuid4().hex, generation


def build_rows(dataset: str, step: str, built: Mapping[date, str]) -> list[tuple[Any, ...]]:
    """The rows of a step's builds."""
    return [(step, dataset, month, fingerprint, None) for month, fingerprint in built.items()]
