"""Runs a compiled statement as an engine may that evaluates each CTE wherever it is read.

BigQuery promises no more than that. Here every reference is a copy of its own, and each copy reads
its tables in another random order, so that a number that hangs on the order of rows comes out
differently in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from ecommerce_assets.dbt.project import domain_of, models_of
from ecommerce_assets_tests.integration.dbt.project import Dbt

#: Random orders of each table; copies take turns.
ORDERS = 3


@dataclass(frozen=True)
class Again:
    """A table beside its statement, run once more.

    Attributes:
        table: `schema.table`.
        rows: those of the table.
        lacking: those of them that the statement does not give.
        beyond: those that the statement gives and the table lacks.
    """

    table: str
    rows: int
    lacking: int
    beyond: int


class Inliner:
    """Rewrites statements over one database, whose tables it copies in random order when asked."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.copies: dict[str, int] = {}

    def inlined(self, sql: str) -> str:
        """The statement without a CTE."""
        tree = parse_one(sql, dialect="duckdb")
        ctes = {cte.alias: cte.this for cte in tree.find_all(exp.CTE)}
        body = tree.copy()
        body.set("with_", None)
        body.set("with", None)
        return self._without(body, ctes).sql("duckdb")

    def _without(self, part: exp.Expr, ctes: dict[str, exp.Expr]) -> exp.Expr:
        for table in list(part.find_all(exp.Table)):
            alias = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
            if not table.db and table.name in ctes:
                copy = self._without(ctes[table.name].copy(), ctes)
                table.replace(exp.Subquery(this=copy, alias=alias))
            elif table.db:
                shuffled = exp.to_table(self._shuffled(f"{table.db}.{table.name}"))
                shuffled.set("alias", alias)
                table.replace(shuffled)
        return part

    def _shuffled(self, table: str) -> str:
        turn = self.copies[table] = self.copies.get(table, -1) + 1
        name = f"{table.replace('.', '__')}_{turn % ORDERS}"
        if turn < ORDERS:
            self.connection.execute(
                f"create or replace temp table {name} as select * from {table} order by random()"
            )
        return f"temp.{name}"


def statements(dbt: Dbt, domain: str, window: tuple[str, str]) -> dict[str, dict[str, Any]]:
    """The compiled tables of a domain by `schema.table`, the monthly ones for one month."""
    dbt.run(
        "compile", "--no-introspect", "--no-populate-cache", "--select", models_of(domain),
        ECOMMERCE_WINDOW_FROM=window[0], ECOMMERCE_WINDOW_TO=window[1],
    )  # fmt: skip
    return {
        f"{node['schema']}.{node['name']}": node
        for node in dbt.manifest()["nodes"].values()
        if node["resource_type"] == "model"
        and domain_of(node) == domain
        and node["config"]["materialized"] != "view"
    }


def run_again(built: Dbt, compiled: Dbt, domain: str, window: tuple[str, str]) -> Iterator[Again]:
    """Run every table's statement once more, of one month where it has months.

    Args:
        built: has the tables.
        compiled: where the statements are compiled.
        domain: whose tables.
        window: first day of the month and of the next.
    """
    with duckdb.connect(str(built.database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        inliner = Inliner(connection)
        for table, node in sorted(statements(compiled, domain, window).items()):
            when = node["config"].get("event_time")
            month = f" where {when} >= '{window[0]}' and {when} < '{window[1]}'" if when else ""
            names = ", ".join(f'"{name}"' for name in node["columns"])
            kept, again = f"select {names} from {table}{month}", f"select {names} from temp.again"
            found = inliner.inlined(node["compiled_code"])
            connection.execute(f"create or replace temp table again as {found}")
            row = connection.execute(
                f"select (select count(*) from ({kept})), "
                f"(select count(*) from ({kept} except all {again})), "
                f"(select count(*) from ({again} except all {kept}))"
            ).fetchone()
            assert row is not None
            yield Again(table, *row)
