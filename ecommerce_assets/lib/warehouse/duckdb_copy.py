"""The copy of a DuckDB warehouse for readers: whole, of one moment, and read-only.

Belongs here: whether a copy may take the place of the one before, making it, and telling whether it
is of the warehouse's present state. Stays out: when it is made (`defs/ops/readers_copy.py`).

A reader of the copy gets all its tables wherever the file lies. The views of `ops` become tables,
of the copy's moment. Views over the lake's rows stay views: they are for readers that say where
the lake is (`file_search_path`).
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.rules import quote_name, quote_text
from ecommerce_assets.lib.disk import sync
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.months import in_words
from ecommerce_assets.lib.warehouse import builds, duckdb_builds
from ecommerce_assets.lib.warehouse.builds import Builds

if TYPE_CHECKING:
    import duckdb

#: One row that says of when the copy is: the warehouse's identity, generation and stamp, when it
#: was copied (UTC), and how far the ledger had come.
ABOUT = "ops.published_copy"
_READ_ONLY = 0o444


def publish(
    warehouse: duckdb.DuckDBPyConnection,
    source: Path,
    target: Path,
    models: Collection[str],
    config: dict[str, Any],
    search_path: Path | None,
) -> int:
    """Copy a file for readers; returns the copy's bytes.

    Args:
        warehouse: an open connection, after a checkpoint; nothing is written meanwhile.
        source: its file.
        target: the copy; an old one is replaced in one step.
        models: `schema.table` of all tables that models make.
        config: DuckDB's, for opening the new copy.
        search_path: where its views find the lake.

    Raises:
        PermanentFailure: the copy would lack a table or month; the old one stays.
    """
    now = duckdb_builds.read_builds(warehouse)
    # Nobody may write the copy: a log beside it is of a stranger, and no later copy would fit it.
    _log_of(target).unlink(missing_ok=True)
    _refuse_less(now, _builds_in(target), set(models), target)
    staged = target.with_name(f".{target.name}.staged")
    _remove(staged)
    try:
        shutil.copyfile(source, staged)
        _finish(staged, now, config, search_path)
        sync(staged)
        staged.chmod(staged.stat().st_mode & _READ_ONLY)
        staged.replace(target)
        _log_of(target).unlink(missing_ok=True)
        sync(target.parent)
    except BaseException:
        _remove(staged)
        raise
    return target.stat().st_size


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


def _refuse_less(now: Builds, before: Builds, models: set[str], target: Path) -> None:
    """Refuse a copy with fewer tables, or fewer built months, than there were or should be."""
    wanted = (before.tables.keys() | now.rows.keys()) & models
    lacking = sorted(wanted - now.tables.keys())
    months = sorted(key for key in before.built.keys() - now.built.keys() if key[1] == "models")
    if not lacking and not months:
        return
    domains = {table.partition(".")[0].rpartition("_")[0] for table in lacking}
    domains |= {dataset.partition(".")[0] for dataset, *_ in months}
    lost = [f"{len(lacking)} tables, for instance {lacking[0]}"] if lacking else []
    for dataset in sorted({key[0] for key in months}):
        gone: list[date] = [month for name, _, month in months if name == dataset]
        lost.append(f"the models of {dataset} of {in_words(gone)}")
    commands = ", ".join(f"ecommerce backfill {name}" for name in sorted(domains))
    raise PermanentFailure(
        f"the readers' copy {target} stays as it was, because the warehouse lacks "
        f"{' and '.join(lost)}",
        f"build what it lacks: {commands}; to go on without it, remove the old copy first",
    )


def _builds_in(target: Path) -> Builds:
    """What a copy says of itself; nothing where there is none, or none that can be read."""
    import duckdb

    if not target.exists():
        return Builds()
    try:
        with _reading(target) as db:
            return duckdb_builds.read_builds(db)
    except duckdb.Error:
        return Builds()


def _finish(staged: Path, now: Builds, config: dict[str, Any], search_path: Path | None) -> None:
    """Make a copied file one for readers, and leave no log beside it."""
    import duckdb

    with duckdb.connect(str(staged), config=config) as db:
        db.execute("set TimeZone = 'UTC'")
        if search_path:
            db.execute(f"set file_search_path = {quote_text(str(search_path))}")
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
        db.execute("checkpoint")


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
