"""The copy of a DuckDB warehouse for readers: each domain whole and of one moment, and read-only.

Belongs here: making it, and telling whether it is of the warehouse's present state and of when it
is. Stays out: domains that the warehouse does not hold whole (`duckdb_kept.py`), when the copy is
made (`defs/ops/readers_copy.py`).

A reader of the copy gets all its tables wherever the file lies. The views of `ops` become tables,
of the copy's moment. Views over the lake's rows stay views: they are for readers that say where
the lake is (`file_search_path`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.disk import sync
from ecommerce_assets.lib.warehouse import builds, duckdb_builds
from ecommerce_assets.lib.warehouse.builds import Builds
from ecommerce_assets.lib.warehouse.duckdb_kept import (
    ABOUT,
    DomainInCopy,
    DomainTables,
    domains_in,
    domains_to_keep,
    keep,
    say_of_when,
)

if TYPE_CHECKING:
    import duckdb

_READ_ONLY = 0o444


@dataclass(frozen=True)
class CopyAge:
    """Of when a copy is.

    Attributes:
        made: when it was copied, UTC; None where an earlier version made it, which does not say.
        domains: of when each domain's tables are.
    """

    made: datetime | None
    domains: list[DomainInCopy]

    def of(self, domain: str) -> DomainInCopy:
        """Of when a domain's tables are."""
        found = [each for each in self.domains if each.domain == domain]
        return found[0] if found else DomainInCopy(domain, self.made, None)

    @property
    def kept(self) -> list[DomainInCopy]:
        """The domains that are not of the copy's moment."""
        return [each for each in self.domains if each.why_kept]


def publish(
    warehouse: duckdb.DuckDBPyConnection,
    source: Path,
    target: Path,
    domains: Sequence[DomainTables],
    config: dict[str, Any],
    search_path: Path | None,
) -> tuple[int, list[DomainInCopy]]:
    """Copy a file for readers; returns the copy's bytes, and the domains that stay as they were.

    Args:
        warehouse: an open connection, after a checkpoint; nothing is written meanwhile.
        source: its file.
        target: the copy; an old one is replaced in one step.
        domains: the tables of all models; other tables may come and go.
        config: DuckDB's, for opening the new copy.
        search_path: where its views find the lake.
    """
    now = duckdb_builds.read_builds(warehouse)
    # Nobody may write the copy: a log beside it is of a stranger, and no later copy would fit it.
    _log_of(target).unlink(missing_ok=True)
    before, made = _builds_in(target), _made_at(target)
    known = now.tables.keys() | (before.tables.keys() if before else ())
    there = [each for each in domains if known & set(each.tables)]
    staged = target.with_name(f".{target.name}.staged")
    _remove(staged)
    try:
        shutil.copyfile(source, staged)
        with _making(staged, config, search_path) as db:
            kept = domains_to_keep(now, before or Builds(), there)
            times = keep(db, target if before else None, made, kept)
            _settle_ops(db, now)
            say_of_when(db, there, kept, times)
            said = domains_in(db)
        sync(staged)
        staged.chmod(staged.stat().st_mode & _READ_ONLY)
        staged.replace(target)
        _log_of(target).unlink(missing_ok=True)
        sync(target.parent)
    except BaseException:
        _remove(staged)
        raise
    return target.stat().st_size, [each for each in said if each.why_kept]


def why_behind(now: Builds, target: Path) -> str | None:
    """Why a copy is not of the warehouse's present state; None where it is."""
    import duckdb

    if not target.exists():
        return "copy missing"
    if _log_of(target).exists():
        return f"{_log_of(target).name} lies beside it, which is not its own"
    try:
        with _reading(target) as db:
            found = db.execute(f"select warehouse, stamp from {ABOUT}").fetchall()
    except duckdb.CatalogException:
        return "an earlier version made it"
    except duckdb.Error:
        return "it cannot be read"
    if not found or found[0][0] != now.identity:
        return "of another warehouse"
    return None if found[0][1] == now.stamp else "older than the warehouse"


def age_of(target: Path) -> CopyAge | None:
    """Of when a copy is; None where there is none that can be read."""
    import duckdb

    if not target.exists():
        return None
    try:
        with _reading(target) as db:
            db.execute("set TimeZone = 'UTC'")
            domains = domains_in(db)
            rows = db.execute(f"select published_at from {ABOUT}").fetchall()
    except duckdb.CatalogException:
        return CopyAge(None, [])
    except duckdb.Error:
        return None
    return CopyAge(rows[0][0] if rows else None, domains)


def _builds_in(target: Path) -> Builds | None:
    """What a copy says of itself; None where there is none, or none that can be read."""
    import duckdb

    if not target.exists():
        return None
    try:
        with _reading(target) as db:
            return duckdb_builds.read_builds(db)
    except duckdb.Error:
        return None


def _made_at(target: Path) -> datetime | None:
    """When a copy was made; of one that does not say so, when its file was written."""
    age = age_of(target)
    if age is None or age.made:
        return age.made if age else None
    return datetime.fromtimestamp(target.stat().st_mtime, UTC)


@contextmanager
def _making(
    staged: Path, config: dict[str, Any], search_path: Path | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that makes a copied file one for readers, and leaves no log beside it."""
    import duckdb

    with duckdb.connect(str(staged), config=config) as db:
        db.execute("set TimeZone = 'UTC'")
        if search_path:
            db.execute(f"set file_search_path = {quote_text(str(search_path))}")
        yield db
        db.execute("checkpoint")


def _settle_ops(db: duckdb.DuckDBPyConnection, now: Builds) -> None:
    """Make tables of the views of `ops`, and write down of which warehouse and moment they are."""
    found = db.execute(
        "select view_name from duckdb_views() where not internal and schema_name = ?",
        [builds.SCHEMA],
    )
    names = sorted(str(name) for (name,) in found.fetchall())
    for name in names:
        view = f"{builds.SCHEMA}.{quote_name(name)}"
        kept = f"{builds.SCHEMA}.{quote_name(f'{name} of the copy')}"
        db.execute(f"create table {kept} as from {view}")
        db.execute(f"drop view {view}")
        db.execute(f"alter table {kept} rename to {quote_name(name)}")
    ledger = f"{builds.SCHEMA}.load_ledger" if "load_ledger" in names else None
    rows, until = ("count(*)", "max(started_at)") if ledger else ("0", "null::timestamptz")
    db.execute(f"create schema if not exists {builds.SCHEMA}")
    db.execute(
        f"create or replace table {ABOUT} as select ?::varchar as warehouse, "
        "?::bigint as generation, ?::varchar as stamp, current_timestamp as published_at, "
        f"{rows} as ledger_rows, {until} as ledger_until {f'from {ledger}' if ledger else ''}",
        [now.identity, now.generation, now.stamp],
    )


@contextmanager
def _reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(str(path), read_only=True) as db:
        yield db


def _log_of(path: Path) -> Path:
    """DuckDB's write-ahead log of a file."""
    return path.with_name(f"{path.name}.wal")


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    _log_of(path).unlink(missing_ok=True)
