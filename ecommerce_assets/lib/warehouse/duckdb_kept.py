"""Domains that a new copy for readers takes from the copy before, and not from the warehouse.

Belongs here: which domains these are, putting their tables into the new copy, and what the copy
says of when each domain is. Stays out: making the copy (`duckdb_copy.py`), and what makes a
domain's tables unfinished (`defs/ops/readers_copy.py`).

A copy holds each domain as one whole state. Where the models of a domain failed, the warehouse
holds some tables of its new state and some of the old one. So readers keep the domain as it was,
and get the other domains as they are now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.months import in_words
from ecommerce_assets.lib.warehouse import builds
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    import duckdb

#: One row that says of when the copy is: the warehouse's identity, generation and stamp, when it
#: was copied (UTC), and how far the ledger had come.
ABOUT = "ops.published_copy"
#: A row for each domain of the copy: of when its tables are (null: it has none), and why they are
#: not the warehouse's (null: they are).
DOMAINS = "ops.published_copy_domains"
#: The name of the copy before, while the new one is made.
_BEFORE = "before"
#: The ledger's step whose builds say which months a domain's tables hold.
_MONTHS = "models"


@dataclass(frozen=True)
class DomainTables:
    """The tables of a domain's models.

    Attributes:
        domain: its name.
        tables: `schema.table` of each.
        unfinished: why the warehouse does not hold them as one whole state; None where it does.
    """

    domain: str
    tables: tuple[str, ...]
    unfinished: str | None = None

    @property
    def schemas(self) -> list[str]:
        """The schemas of the tables; the views there belong to them."""
        return sorted({table.partition(".")[0] for table in self.tables})


@dataclass(frozen=True)
class DomainInCopy:
    """What a copy says of a domain.

    Attributes:
        domain: its name.
        as_of: when its tables were copied from a warehouse; None where the copy has none.
        why_kept: why they are not from the warehouse of the copy's moment; None where they are.
    """

    domain: str
    as_of: datetime | None
    why_kept: str | None

    @property
    def words(self) -> str:
        """One sentence on a domain that is not of the copy's moment."""
        if self.as_of is None:
            return f"{self.domain} is not in the readers' copy: {self.why_kept}"
        return (
            f"{self.domain} in the readers' copy is as of {self.as_of:%Y-%m-%d %H:%M} UTC: "
            f"{self.why_kept}"
        )


def domains_to_keep(
    now: Builds, before: Builds, domains: Sequence[DomainTables]
) -> dict[DomainTables, str]:
    """The domains whose tables stay as they were in the copy before, with the reason.

    Args:
        now: what the warehouse says of itself, and its tables.
        before: the same of the copy before.
        domains: all that have models.
    """
    kept = {}
    for each in domains:
        why = each.unfinished or _less(now, before, each)
        if why:
            kept[each] = why
    return kept


def _less(now: Builds, before: Builds, domain: DomainTables) -> str | None:
    """What the warehouse lacks that it should have, or that the copy before has."""
    wanted = (before.tables.keys() | now.rows.keys()) & set(domain.tables)
    lacking = sorted(wanted - now.tables.keys())
    if lacking:
        return f"the warehouse lacks {len(lacking)} of its tables, for instance {lacking[0]}"
    gone = {
        month
        for name, step, month in before.built.keys() - now.built.keys()
        if step == _MONTHS and name.partition(".")[0] == domain.domain
    }
    return f"the warehouse lacks its models of {in_words(gone)}" if gone else None


def keep(
    db: duckdb.DuckDBPyConnection,
    before: Path | None,
    made: datetime | None,
    kept: Mapping[DomainTables, str],
) -> dict[str, datetime | None]:
    """Put the tables of domains as they were into a new copy; returns of when they are.

    A domain that the copy before does not have is left out, so that nobody reads half of it.

    Args:
        db: the new copy, which holds all that the warehouse does.
        before: the copy before; None where there is none that can be read.
        made: of when it is.
        kept: the domains.
    """
    if before is None:
        for domain in kept:
            _remove(db, domain)
        return dict.fromkeys(domain.domain for domain in kept)
    db.execute(f"attach {quote_text(str(before))} as {_BEFORE} (read_only)")
    try:
        times = {each.domain: each.as_of for each in _said(db, _BEFORE)}
        found: dict[str, datetime | None] = {}
        for domain in kept:
            _remove(db, domain)
            there = _take(db, domain)
            found[domain.domain] = times.get(domain.domain, made) if there else None
        return found
    finally:
        db.execute(f"detach {_BEFORE}")


def say_of_when(
    db: duckdb.DuckDBPyConnection,
    domains: Sequence[DomainTables],
    kept: Mapping[DomainTables, str],
    times: Mapping[str, datetime | None],
) -> None:
    """Write down of when each domain of the copy is.

    Args:
        db: the new copy.
        domains: those that have tables in it, or should have.
        kept: those that are not the warehouse's, with the reason.
        times: of when they are.
    """
    db.execute(
        f"create or replace table {DOMAINS} (domain varchar, as_of timestamptz, why_kept varchar)"
    )
    for each in domains:
        if each in kept:
            row = [each.domain, times[each.domain], kept[each]]
            db.execute(f"insert into {DOMAINS} values (?, ?, ?)", row)
        else:
            sql = f"insert into {DOMAINS} select ?, published_at, null from {ABOUT}"
            db.execute(sql, [each.domain])


def domains_in(db: duckdb.DuckDBPyConnection) -> list[DomainInCopy]:
    """What a copy says of its domains; nothing where an earlier version made it."""
    return _said(db, None)


def _said(db: duckdb.DuckDBPyConnection, catalogue: str | None) -> list[DomainInCopy]:
    place = f"{catalogue}.{DOMAINS}" if catalogue else DOMAINS
    schema, _, name = DOMAINS.partition(".")
    database = quote_text(catalogue) if catalogue else "current_database()"
    there = db.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ? "
        f"and database_name = {database}",
        [schema, name],
    ).fetchall()
    if not there:
        return []
    rows = db.execute(f"select domain, as_of, why_kept from {place} order by domain").fetchall()
    return [DomainInCopy(*row) for row in rows]


def _remove(db: duckdb.DuckDBPyConnection, domain: DomainTables) -> None:
    """Remove a domain's tables, the views beside them, and what is noted of their builds."""
    for schema, view, _ in _views(db, domain, "current_database()"):
        db.execute(f"drop view {quote_name(schema)}.{quote_name(view)}")
    for table in domain.tables:
        db.execute(f"drop table if exists {_quoted(table)}")
    if _has(db, "current_database()", builds.TABLE):
        db.execute(f"delete from {builds.TABLE} where {_is_of(domain)}")


def _take(db: duckdb.DuckDBPyConnection, domain: DomainTables) -> bool:
    """Copy a domain from the copy before; returns whether it has any of it."""
    there = [table for table in domain.tables if _has(db, quote_text(_BEFORE), table)]
    for table in there:
        db.execute(f"create schema if not exists {quote_name(table.partition('.')[0])}")
        db.execute(f"create table {_quoted(table)} as from {_BEFORE}.{_quoted(table)}")
    _make_views(db, [sql for *_, sql in _views(db, domain, quote_text(_BEFORE))])
    if there and _has(db, quote_text(_BEFORE), builds.TABLE):
        columns = ", ".join(builds.COLUMNS)
        db.execute(
            f"insert into {builds.TABLE} select {columns} from {_BEFORE}.{builds.TABLE} "
            f"where {_is_of(domain)}"
        )
    return bool(there)


def _make_views(db: duckdb.DuckDBPyConnection, statements: Sequence[str]) -> None:
    """Make views, of which some read others, in whatever order that needs."""
    import duckdb

    left = list(statements)
    while left:
        failed = []
        for statement in left:
            try:
                db.execute(statement)
            except duckdb.CatalogException as error:
                failed.append((statement, error))
        if len(failed) == len(left):
            raise failed[0][1]
        left = [statement for statement, _ in failed]


def _views(
    db: duckdb.DuckDBPyConnection, domain: DomainTables, database: str
) -> list[tuple[str, str, str]]:
    """Schema, name and statement of the views beside a domain's tables."""
    schemas = ", ".join(quote_text(schema) for schema in domain.schemas) or "null"
    found = db.execute(
        "select schema_name, view_name, sql from duckdb_views() where not internal "
        f"and schema_name in ({schemas}) and database_name = {database}"
    )
    return [(str(schema), str(view), str(sql)) for schema, view, sql in found.fetchall()]


def _has(db: duckdb.DuckDBPyConnection, database: str, table: str) -> bool:
    schema, _, name = table.partition(".")
    found = db.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ? "
        f"and database_name = {database}",
        [schema, name],
    )
    return bool(found.fetchall())


def _is_of(domain: DomainTables) -> str:
    """The condition on rows of `ops.build_state` that speak of a domain."""
    tables = ", ".join(quote_text(table) for table in domain.tables) or "null"
    kind, prefix = quote_text(builds.TABLES), quote_text(f"{domain.domain}.")
    others = f"{kind}, {quote_text(builds.WAREHOUSE)}"
    return (
        f"((kind = {kind} and name in ({tables})) "
        f"or (kind not in ({others}) and starts_with(name, {prefix})))"
    )


def _quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return f"{quote_name(schema)}.{quote_name(name)}"
