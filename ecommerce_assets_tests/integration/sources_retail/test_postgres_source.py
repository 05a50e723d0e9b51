"""A month of a PostgreSQL table becomes a file that holds exactly the rows that were found."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    LakehouseError,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.postgres import PostgresTable
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets_tests.integration.sources_retail.lines import (
    COLUMNS,
    IN_DECEMBER,
    IN_FEBRUARY,
    IN_JANUARY,
    Run,
    rows_in,
    source,
)
from ecommerce_assets_tests.integration.sources_retail.retries import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MONTHS,
)
from ecommerce_assets_tests.support.servers.postgres import PASSWORD, PostgresServer


def test_every_month_is_a_file_with_its_own_rows_and_no_other(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres)
    found = shop.available()
    assert {m: f.rows for m, f in found.items()} == {
        DECEMBER: IN_DECEMBER,
        JANUARY: IN_JANUARY,
        FEBRUARY: IN_FEBRUARY,
    }
    assert {m: f.shared_by for m, f in found.items()} == dict.fromkeys(MONTHS, 1)
    numbers: list[int] = []
    for month, file in found.items():
        assert shop.find(month) == file
        path = shop.fetch(file, tmp_path)
        assert path.name == f"{month:%Y-%b}.parquet"
        assert pq.read_schema(path).names == [*COLUMNS, "#unfit"]
        assert pq.ParquetFile(path).num_row_groups == -(-(file.rows or 0) // 100)
        rows = rows_in(path)
        assert {row["InvoiceDate"].replace(day=1, hour=0) for row in rows} == {
            datetime(month.year, month.month, 1)
        }
        numbers += [row["Quantity"] for row in rows]
    assert numbers == list(range(2000))
    assert rows_in(tmp_path / "2010-Dec.parquet")[0] == {
        "InvoiceNo": "536365",
        "StockCode": "POST",
        "Description": 'LIGHT, "WHITE"',
        "Quantity": 0,
        "InvoiceDate": datetime(2010, 12, 1),
        "UnitPrice": "2.55",
        "CustomerID": "17850.0",
        "Country": "EIRE",
        "#unfit": None,
    }
    with pytest.raises(SourceMissing, match="no rows of 2011-03"):
        shop.find(FEBRUARY.replace(month=3))
    narrow = source(postgres, months=[JANUARY])
    assert list(narrow.available()) == [JANUARY]
    with pytest.raises(SourceMissing):
        narrow.find(DECEMBER)


@pytest.mark.parametrize(
    "change",
    [
        "insert into shop.lines select * from shop.lines where quantity = 7",
        "delete from shop.lines where quantity = 7",
        "update shop.lines set unitprice = 2.56 where quantity = 7",
        'update shop.lines set "Description" = null where quantity = 7',
        # Two rows that swap a value, and one that takes another's place.
        "update shop.lines set country = case quantity when 7 then 'UK' else country end, "
        "customerid = case quantity when 8 then '0' else customerid end",
        "update shop.lines set invoicedate = invoicedate + interval '1 second' where quantity = 7",
    ],
)
def test_a_month_gets_another_version_whatever_changes_in_it(
    postgres: PostgresServer, run: Run, change: str
) -> None:
    shop = source(postgres)
    before = shop.available()
    run(change)
    after = shop.available()
    assert {m for m in MONTHS if after[m] != before[m]} == {DECEMBER}


def test_what_the_file_does_not_hold_does_not_change_its_version(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres)
    file = shop.find(DECEMBER)
    before = shop.fetch(file, tmp_path).read_bytes()
    run('update shop.lines set "changed%at" = 0 where quantity < 400')
    run("vacuum full shop.lines")
    assert shop.find(DECEMBER) == file
    assert shop.fetch(file, tmp_path).read_bytes() == before, "whatever order they lie in"
    assert source(postgres, columns={"Invoice": "InvoiceNo"}).find(DECEMBER) != file


def test_a_watermark_is_trusted(postgres: PostgresServer, run: Run, tmp_path: Path) -> None:
    shop = source(postgres, watermark_column="changed%at")
    before = shop.available()
    assert before[DECEMBER].version.endswith(f":{IN_DECEMBER}:{IN_DECEMBER - 1}")
    run('update shop.lines set unitprice = 9, "changed%at" = 5000 where quantity = 7')
    run("delete from shop.lines where quantity = 800")
    after = shop.available()
    assert {m for m in MONTHS if after[m] != before[m]} == {DECEMBER, JANUARY}
    assert len(rows_in(shop.fetch(after[DECEMBER], tmp_path))) == IN_DECEMBER


def test_rows_without_a_month_are_told(
    postgres: PostgresServer, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run("update shop.lines set invoicedate = null where quantity in (3, 4)")
    run("update shop.lines set invoicedate = 'infinity' where quantity = 5")
    assert source(postgres).available()[DECEMBER].rows == IN_DECEMBER - 3
    assert "has 3 rows without a month; no file holds them" in caplog.text


def test_rows_that_change_after_they_were_found_make_no_file(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres)
    file = shop.find(DECEMBER)
    run("update shop.lines set unitprice = 1 where quantity = 7")
    with pytest.raises(TransientFailure, match="changed since they were found") as caught:
        shop.fetch(file, tmp_path)
    assert "start this step again" in caught.value.cure
    assert list(tmp_path.iterdir()) == []


def test_rows_that_change_while_they_are_read_are_not_mixed_in(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres)
    file = shop.find(DECEMBER)
    chunks: list[int] = []

    def change(done: int, total: int | None) -> None:
        if not chunks:
            run("update shop.lines set unitprice = 1, country = 'changed'")
            run("delete from shop.lines where quantity > 300")
        chunks.append(done)

    written = rows_in(shop.fetch(file, tmp_path, change))
    assert len(chunks) == 8, "100 rows at a time"
    assert len(written) == IN_DECEMBER
    assert "changed" not in {row["Country"] for row in written}


def test_rows_that_change_between_the_question_and_the_reading_are_not_mixed_in(
    postgres: PostgresServer, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = source(postgres)
    file = shop.find(DECEMBER)
    chunks = PostgresTable._chunks

    def changed_before(self: PostgresTable, *arguments: Any) -> Any:
        run("update shop.lines set country = 'changed'")
        return chunks(self, *arguments)

    monkeypatch.setattr(PostgresTable, "_chunks", changed_before)
    assert "changed" not in {row["Country"] for row in rows_in(shop.fetch(file, tmp_path))}


def test_a_server_that_stops_midway_is_read_again_from_the_start(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres, retries=Retries(5, 0.05, 0.2))
    file = shop.find(DECEMBER)
    stops: list[int] = []

    def restart(done: int, total: int | None) -> None:
        if not stops:
            stops.append(done)
            postgres.stop()
            postgres.start()

    assert len(rows_in(shop.fetch(file, tmp_path, restart))) == IN_DECEMBER
    assert stops


def test_a_server_that_is_down_for_long_is_a_failure_that_may_pass(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    shop = source(postgres)
    file = shop.find(DECEMBER)
    postgres.stop()
    try:
        with pytest.raises(TransientFailure, match="refuses the connection, 3 times"):
            shop.fetch(file, tmp_path)
        later = threading.Timer(0.2, postgres.start)
        later.start()
        patient = source(postgres, retries=Retries(60, 0.05, 0.2))
        assert patient.find(DECEMBER) == file
        later.join()
    finally:
        postgres.stop()
        postgres.start()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changed", "kind", "said"),
    [
        ({"user": "postgres", "password": "wr0ng-secret"}, CredentialsRefused, "user name and pas"),
        ({"user": "nobody-here", "password": "wr0ng-secret"}, CredentialsRefused, "user name and"),
        ({"db": "wholesale"}, SourceMissing, "no such database"),
        ({"table": "shop.receipts"}, SourceMissing, "there is no table"),
        ({"table": "no_schema.lines"}, SourceMissing, "there is no table"),
        ({"table": "shop lines; drop table shop.lines"}, SourceMissing, "there is no table"),
        ({"columns": {"Invoice": "Invoice"}}, PermanentFailure, "no column Invoice; it has inv"),
        ({"month_column": "Country"}, PermanentFailure, "of the type text, which has no months"),
        ({"watermark_column": "changed"}, PermanentFailure, "no column changed;"),
        ({"dsn": "postgresql://a:wr0ng-secret@h/x?nothing=1"}, PermanentFailure, "cannot be read"),
        ({"dsn": "wr0ng-secret"}, PermanentFailure, "postgresql://user:password@"),
    ],
)
def test_what_time_does_not_mend_is_final_and_says_what_to_do(
    postgres: PostgresServer,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    changed: dict[str, object],
    kind: type[LakehouseError],
    said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    if {"user", "db"} & changed.keys():
        changed = {"dsn": postgres.address(**changed)}  # type: ignore[arg-type]
    with pytest.raises(LakehouseError) as caught:
        source(postgres, **changed).available()
    assert type(caught.value) is kind
    assert said in str(caught.value)
    told = f"{caught.value} {caught.value.__context__!r} {caplog.text}"
    assert "wr0ng-secret" not in told
    assert PASSWORD not in told


def test_a_user_without_permission_is_told_which_to_ask_for(
    postgres: PostgresServer, run: Run
) -> None:
    run("drop role if exists reader; create role reader login password 'r3ader'")
    shop = source(postgres, dsn=postgres.address("reader", "r3ader"))
    with pytest.raises(PermanentFailure, match="no permission"):
        shop.available()
    run("grant usage on schema shop to reader")
    with pytest.raises(PermanentFailure, match="no permission") as caught:
        shop.available()
    assert "grant it SELECT" in caught.value.cure
    run("grant select on shop.lines to reader")
    assert list(shop.available()) == list(MONTHS)
    run("drop owned by reader; drop role reader")


def test_no_secret_is_in_what_a_file_says_of_itself(postgres: PostgresServer, run: Run) -> None:
    shop = source(postgres)
    assert shop.find(DECEMBER).location == (
        f"postgresql://127.0.0.1:{postgres.port}/postgres/shop.lines"
    )
    assert PASSWORD not in f"{shop!r} {vars(shop)}"
