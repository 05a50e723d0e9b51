"""The readers' copy: each domain whole and of one moment, read-only, never less than before."""

from __future__ import annotations

import os
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.duckdb_copy import age_of
from ecommerce_assets.lib.warehouse.duckdb_kept import DomainTables
from ecommerce_assets_tests.support.builders import (
    EVENTS,
    MONTH,
    csv,
    finish,
    lake_at,
    lines,
    load,
    start_python,
)

NOVEMBER = date(2019, 11, 1)
ORDERS, USERS = "cosmetics_marts.fct_orders", "cosmetics_marts.dim_users"
MODELS = (ORDERS, USERS)
COSMETICS = DomainTables("cosmetics", MODELS)
BASKETS = "retail_marts.fct_baskets"
RETAIL = DomainTables("retail", (BASKETS,))
#: Writes into a database and dies before anything of it reaches the file itself.
DIE = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("create table stray as select 1 as x")
os._exit(0)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a loaded month, and a warehouse with two models of two months."""
    load(tmp_path, csv([*lines(30), "junk"]))
    Ledger(lake_at(tmp_path)).begin("cosmetics.events", "lake", Month(MONTH))
    warehouse = opened(tmp_path)
    warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    warehouse.load_operations(EVENTS, lake_at(tmp_path))
    with warehouse.connect() as db:
        db.execute("create schema cosmetics_marts")
        for table in MODELS:
            db.execute(f"create table {table} as select 1 as x")
    warehouse.note_builds("cosmetics.events", "models", {MONTH: "a", NOVEMBER: "b"}, MODELS)
    return tmp_path


def opened(home: Path) -> DuckDBWarehouse:
    return DuckDBWarehouse(home / "w.duckdb", search_path=lake_at(home).search_path)


def published(home: Path) -> Path:
    opened(home).publish_copy(home / "published.duckdb", [COSMETICS])
    return home / "published.duckdb"


def asked(copy: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(copy), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        return db.execute(sql).fetchall()


def test_it_says_of_when_and_of_which_warehouse_it_is(home: Path) -> None:
    now = opened(home).builds(())
    ((identity, generation, stamp, rows, known),) = asked(
        published(home),
        "select warehouse, generation, stamp, ledger_rows, published_at >= ledger_until "
        "from ops.published_copy",
    )
    assert (identity, generation, stamp) == (now.identity, now.generation, now.stamp)
    assert (rows, known) == (1, True)


def test_it_is_read_only_and_alone(home: Path) -> None:
    copy = published(home)
    assert copy.stat().st_mode & 0o222 == 0
    published(home)
    assert sorted(path.name for path in home.glob("*published*")) == ["published.duckdb"]


def test_its_tables_are_read_from_anywhere_without_the_lake(home: Path, tmp_path: Path) -> None:
    copy = shutil.copy(published(home), tmp_path / "elsewhere.duckdb")
    shutil.rmtree(tmp_path / "lake")
    tables = asked(copy, "select schema_name || '.' || table_name from duckdb_tables()")
    assert {name for (name,) in tables} >= {*MODELS, "ops.load_ledger", "ops.build_state"}
    for (name,) in tables:
        assert asked(copy, f"select count(*) from {name}") != [(0,)], name


def test_nothing_in_it_says_where_the_lake_lies(home: Path) -> None:
    assert str(home).encode() not in published(home).read_bytes()
    assert str(home).encode() not in (home / "w.duckdb").read_bytes()


def test_a_log_that_a_stranger_left_beside_it_hurts_no_later_copy(home: Path) -> None:
    copy = published(home)
    copy.chmod(0o644)
    finish(start_python(DIE, str(copy)))
    log = copy.with_name("published.duckdb.wal")
    assert log.exists(), "the stranger's log is really there"
    assert opened(home).why_copy_is_behind(copy) == (
        "published.duckdb.wal lies beside it, which is not its own"
    )
    with opened(home).connect() as db:
        db.execute(f"insert into {ORDERS} values (2)")

    published(home)

    assert asked(copy, f"select count(*) from {ORDERS}") == [(2,)]
    assert not log.exists()


def test_it_is_behind_as_soon_as_the_warehouse_goes_on(home: Path) -> None:
    warehouse, copy = opened(home), home / "published.duckdb"
    assert warehouse.why_copy_is_behind(copy) == "copy missing"
    published(home)
    os.utime(home / "w.duckdb")  # a clock says nothing
    assert warehouse.why_copy_is_behind(copy) is None
    warehouse.note_builds("cosmetics.events", "models", {MONTH: "c"}, [ORDERS])
    os.utime(home / "w.duckdb", (1, 1))
    assert warehouse.why_copy_is_behind(copy) == "older than the warehouse"
    other = DuckDBWarehouse(home / "other.duckdb")
    other.note_builds("cosmetics.events", "models", {}, ())
    assert other.why_copy_is_behind(copy) == "of another warehouse"


@pytest.fixture
def both(home: Path) -> Path:
    """The same, with the models of another shop; all of it is published. Then both go on."""
    with opened(home).connect() as db:
        db.execute("create schema retail_marts")
        db.execute(f"create table {BASKETS} as select 1 as x")
        db.execute(f"create view cosmetics_marts.b_view as select x from {ORDERS}")
        db.execute("create view cosmetics_marts.a_view as from cosmetics_marts.b_view")
    opened(home).note_builds("retail.lines", "models", {MONTH: "r"}, [BASKETS])
    opened(home).publish_copy(home / "published.duckdb", [COSMETICS, RETAIL])
    with opened(home).connect() as db:
        for table in (ORDERS, USERS, BASKETS):
            db.execute(f"update {table} set x = 2")
        db.execute("drop view cosmetics_marts.a_view")
        db.execute(
            f"create or replace view cosmetics_marts.b_view as select x + 1 as x from {ORDERS}"
        )
    return home


def values(copy: Path) -> dict[str, object]:
    """The one value of each table and view."""
    names = [ORDERS, USERS, BASKETS, "cosmetics_marts.a_view", "cosmetics_marts.b_view"]
    return {name: asked(copy, f"from {name}")[0][0] for name in names}


LESS = {
    "a build that failed": ([], "its build failed", "its build failed"),
    "a table that was dropped": (
        [f"drop table {USERS}"],
        None,
        f"the warehouse lacks 1 of its tables, for instance {USERS}",
    ),
    "a month that was taken back": (
        ["delete from ops.build_state where kind = 'models' and month = '2019-11-01'"],
        None,
        "the warehouse lacks its models of 2019-11",
    ),
}


@pytest.mark.parametrize("case", LESS)
def test_a_domain_that_is_not_whole_stays_as_it_was_and_the_others_are_renewed(
    case: str, both: Path
) -> None:
    statements, unfinished, why = LESS[case]
    copy = both / "published.duckdb"
    noted = "from ops.build_state where name like 'cosmetics%' order by all"
    before, state = age_of(copy), asked(copy, noted)
    assert before and before.made and before.kept == []
    with opened(both).connect() as db:
        for statement in statements:
            db.execute(statement)
    domains = [DomainTables("cosmetics", MODELS, unfinished), RETAIL]

    _, kept = opened(both).publish_copy(copy, domains)

    was = dict.fromkeys(values(copy), 1)
    assert values(copy) == was | {BASKETS: 2}
    assert asked(copy, noted) == state
    after = age_of(copy)
    assert after and after.made and after.made > before.made
    assert after.kept == kept
    ((domain, as_of, said),) = [(each.domain, each.as_of, each.why_kept) for each in kept]
    assert (domain, as_of, said) == ("cosmetics", before.of("cosmetics").as_of, why)
    assert after.of("retail").as_of == after.made
    assert opened(both).why_copy_is_behind(copy) is None, "nothing more can be renewed"


def test_a_domain_that_stays_keeps_its_time_until_it_is_whole_again(both: Path) -> None:
    copy = both / "published.duckdb"
    first = age_of(copy)
    for _ in range(2):
        failed = DomainTables("cosmetics", MODELS, "its build failed")
        opened(both).publish_copy(copy, [failed, RETAIL])
    kept = age_of(copy)
    assert first and kept and kept.of("cosmetics").as_of == first.made
    assert "as of" in kept.of("cosmetics").words

    assert opened(both).publish_copy(copy, [COSMETICS, RETAIL])[1] == []

    renewed = age_of(copy)
    assert renewed and renewed.of("cosmetics").as_of == renewed.made
    assert asked(copy, f"from {ORDERS}") == [(2,)]


def test_a_domain_that_was_never_whole_is_in_no_copy(both: Path) -> None:
    copy = both / "published.duckdb"
    copy.unlink()
    failed = DomainTables("cosmetics", MODELS, "its build failed")

    _, (said,) = opened(both).publish_copy(copy, [failed, RETAIL])

    assert (said.as_of, said.words) == (
        None,
        "cosmetics is not in the readers' copy: its build failed",
    )
    tables = {name for (name,) in asked(copy, "select table_name from duckdb_tables()")}
    assert "fct_baskets" in tables and not tables & {"fct_orders", "dim_users"}
    assert asked(copy, "select count(*) from ops.build_state where name like 'cosm%'") == [(0,)]


def test_a_domain_of_a_copy_that_does_not_say_of_when_it_is_has_the_time_of_its_file(
    both: Path,
) -> None:
    """As an earlier version made it."""
    copy = both / "published.duckdb"
    copy.chmod(0o644)
    with duckdb.connect(str(copy)) as db:
        db.execute("drop table ops.published_copy; drop table ops.published_copy_domains")
    os.utime(copy, (1_600_000_000, 1_600_000_000))

    failed = DomainTables("cosmetics", MODELS, "its build failed")
    _, (said,) = opened(both).publish_copy(copy, [failed, RETAIL])

    assert said.as_of and said.as_of.timestamp() == 1_600_000_000


def test_another_warehouse_with_less_never_takes_its_place(home: Path) -> None:
    copy = published(home)
    other = DuckDBWarehouse(home / "other.duckdb")
    other.note_builds("cosmetics.events", "models", {}, ())
    _, (kept,) = other.publish_copy(copy, [COSMETICS])
    assert "the warehouse lacks 2 of its tables" in str(kept.why_kept)
    assert asked(copy, f"from {USERS}") == [(1,)]


def test_a_table_that_is_not_a_model_any_more_may_go(home: Path) -> None:
    published(home)
    with opened(home).connect() as db:
        db.execute(f"drop table {USERS}")
    opened(home).publish_copy(home / "published.duckdb", [DomainTables("cosmetics", (ORDERS,))])
    assert asked(home / "published.duckdb", f"select count(*) from {ORDERS}") == [(1,)]


def test_lake_and_warehouse_can_be_moved_together(home: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for name in ("lake", "w.duckdb"):
        shutil.move(home / name, moved / name)
    warehouse = opened(moved)
    assert warehouse.shows(EVENTS, lake_at(moved))
    assert warehouse.query("select count(*) from cosmetics_raw.events") == [(30,)]
    assert warehouse.query("select count(*) from cosmetics_raw.events_quarantine") == [(1,)]


def test_files_of_the_working_folder_are_never_taken_for_the_lakes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Views name files by their keys; a folder of the same form may lie where the command runs."""
    stray = home / "stray"
    (stray / "lake").mkdir(parents=True)
    load(stray, csv(lines(3)))
    monkeypatch.chdir(stray / "lake")
    assert opened(home).query("select count(*) from cosmetics_raw.events") == [(30,)]
