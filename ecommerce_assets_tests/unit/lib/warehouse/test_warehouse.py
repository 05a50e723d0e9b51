"""The DuckDB warehouse shows what the lake has published, and hands readers whole copies."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from ecommerce_assets.lib.failures import PermanentFailure, SettingMissing, TransientFailure
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.warehouse import duckdb as engine
from ecommerce_assets.lib.warehouse import open_warehouse
from ecommerce_assets_tests.support.builders import (
    COLUMNS,
    EVENTS,
    MONTH,
    csv,
    finish,
    lake_at,
    line,
    lines,
    load,
    published,
    start_python,
)

NOVEMBER = date(2019, 11, 1)
HOLD = """
import sys, time, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def november(count: int) -> list[str]:
    return [line(n, event_time="2019-11-05 00:00:00 UTC") for n in range(count)]


@pytest.fixture
def warehouse(tmp_path: Path) -> engine.DuckDBWarehouse:
    return engine.DuckDBWarehouse(tmp_path / "home" / "warehouse.duckdb")


def test_the_raw_view_shows_the_published_rows_in_the_files_order(
    tmp_path: Path, warehouse: engine.DuckDBWarehouse
) -> None:
    load(tmp_path, csv([*lines(30), "junk", *reversed(lines(9))]))
    load(tmp_path, csv(november(5)), month=NOVEMBER)
    assert warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(MONTH))) == 39
    assert warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(NOVEMBER))) == 5
    shown = warehouse.query(
        "select * from cosmetics_raw.events where event_time < '2019-11-01' order by source_row_no"
    )
    wanted = [(*row.values(), number) for number, row in enumerate(published(tmp_path))]
    assert [tuple(row) for row in shown] == wanted
    names = [name for name, *_ in warehouse.query("describe cosmetics_raw.events")]
    assert names == [*COLUMNS, "source_row_no"]


def test_a_replaced_month_shows_at_once(tmp_path: Path, warehouse: engine.DuckDBWarehouse) -> None:
    load(tmp_path, csv(lines(30)))
    warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    load(tmp_path, csv(lines(7)), accept_worse=True)
    assert warehouse.query("select count(*) from cosmetics_raw.events") == [(7,)]


def test_the_view_is_made_again_only_when_its_sql_differs(
    tmp_path: Path, warehouse: engine.DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, csv(lines(3)))
    warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    opened: list[bool] = []
    original = engine.DuckDBWarehouse._open

    def counted(self: engine.DuckDBWarehouse, read_only: bool) -> duckdb.DuckDBPyConnection:
        opened.append(read_only)
        return original(self, read_only)

    monkeypatch.setattr(engine.DuckDBWarehouse, "_open", counted)
    warehouse.load_slice(Slice(lake_at(tmp_path), EVENTS, Month(MONTH)))
    assert opened and all(opened), "an unchanged view is only looked at"
    (tmp_path / "moved").mkdir()
    load(tmp_path / "moved", csv(lines(5)))
    assert warehouse.load_slice(Slice(lake_at(tmp_path / "moved"), EVENTS, Month(MONTH))) == 5
    assert not all(opened)


def test_quarantine_is_shown_with_reasons_as_a_list(
    tmp_path: Path, warehouse: engine.DuckDBWarehouse
) -> None:
    load(tmp_path, csv([*lines(3), "junk", line(4, price="x", user_id="")]))
    Ledger(lake_at(tmp_path)).begin("cosmetics.events", "lake", Month(MONTH))
    warehouse.load_operations(EVENTS, lake_at(tmp_path))
    assert warehouse.query(
        "select month, line, accepted_before, reasons from cosmetics_raw.events_quarantine"
    ) == [
        (MONTH, 5, 3, ["missing_columns"]),
        (MONTH, 6, 3, ["not_a_decimal:price", "missing:user_id"]),
    ]


def test_it_waits_for_another_process_to_let_go(warehouse: engine.DuckDBWarehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute("create table t as select 7 as x")
    holder = start_python(HOLD, warehouse.path, "0.4")
    assert holder.stdout and holder.stdout.readline() == "held\n"
    assert warehouse.query("select x from t") == [(7,)]
    finish(holder)


READS = """
import sys, duckdb
db = duckdb.connect(sys.argv[1], read_only=True)
print("held", flush=True)
import time
time.sleep(60)
"""


@pytest.mark.parametrize("reads", [False, True])
def test_it_says_who_holds_the_file_while_it_waits_and_after_waiting_in_vain(
    reads: bool,
    warehouse: engine.DuckDBWarehouse,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with warehouse.connect():
        pass
    monkeypatch.setattr(engine, "TELL_FIRST_S", 0.0)
    holder = start_python(READS if reads else HOLD, warehouse.path, "30")
    assert holder.stdout and holder.stdout.readline() == "held\n"
    impatient = engine.DuckDBWarehouse(warehouse.path, patience_s=0.4)
    with pytest.raises(TransientFailure, match=r"another process has held .* for 0.4 s") as caught:
        impatient.await_turn()
    holder.kill()
    holder.wait()
    assert str(holder.pid) in caught.value.message, "the holder's process is named"
    assert "published.duckdb" in caught.value.cure
    assert "ECOMMERCE_WAIT_FOR_WAREHOUSE_S" in caught.value.cure
    assert "waiting for" in caplog.text and str(holder.pid) in caplog.text
    impatient.await_turn()


def test_a_warehouse_that_is_held_open_answers_and_is_free_afterwards(
    warehouse: engine.DuckDBWarehouse,
) -> None:
    with warehouse.held_open():  # there is none yet, and none is made
        assert not warehouse.path.exists()
    with warehouse.connect() as db:
        db.execute("create schema shop; create table shop.sold as select 1 as n")
    with warehouse.held_open():
        assert warehouse.count_rows("shop.sold") == 1
        assert warehouse.query("select n from shop.sold") == [(1,)]
    with warehouse.connect() as db:
        db.execute("insert into shop.sold values (2)")
    assert warehouse.count_rows("shop.sold") == 2


def test_a_file_that_is_no_warehouse_is_not_waited_for(warehouse: engine.DuckDBWarehouse) -> None:
    warehouse.path.parent.mkdir(parents=True)
    warehouse.path.write_bytes(b"no database" * 1000)
    with pytest.raises(PermanentFailure, match="cannot be read"):
        warehouse.query("select 1")


def test_a_warehouse_that_is_not_there_is_named(warehouse: engine.DuckDBWarehouse) -> None:
    with pytest.raises(TransientFailure, match="there is no warehouse at"):
        warehouse.query("select 1")


def test_an_address_without_engine_is_refused() -> None:
    with pytest.raises(SettingMissing, match="no warehouse engine for nowhere://x"):
        open_warehouse("nowhere://x")


def test_the_copy_stays_readable_while_the_warehouse_is_written(
    tmp_path: Path, warehouse: engine.DuckDBWarehouse
) -> None:
    copy = tmp_path / "home" / "published.duckdb"
    with warehouse.connect() as connection:
        connection.execute("create table t as select 1 as x")
    assert warehouse.publish_copy(copy) == (copy.stat().st_size, [])
    with duckdb.connect(str(copy), read_only=True) as reader, warehouse.connect() as writer:
        writer.execute("update t set x = 2")
        assert reader.execute("select x from t").fetchall() == [(1,)]
    warehouse.publish_copy(copy)
    with duckdb.connect(str(copy), read_only=True) as reader:
        assert reader.execute("select x from t").fetchall() == [(2,)]
    assert sorted(p.name for p in copy.parent.iterdir()) == ["published.duckdb", "warehouse.duckdb"]


def test_all_writes_are_in_utc(warehouse: engine.DuckDBWarehouse) -> None:
    with warehouse.connect() as connection:
        assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
