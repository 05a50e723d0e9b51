"""A month of a PostgreSQL table becomes a file that holds exactly the rows that were found."""

from __future__ import annotations

import csv
import gzip
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ecommerce_assets.lib.failures import (
    CredentialsRefused,
    LakehouseError,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.postgres import PostgresTable
from ecommerce_assets.lib.sources.protocol import month_file_name
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets_tests.integration.sources_retail.retries import (
    DECEMBER,
    FEBRUARY,
    JANUARY,
    MONTHS,
    QUICK,
)
from ecommerce_assets_tests.servers.postgres import PASSWORD, PostgresServer

#: As the shop's own scripts make it: names without quotes are in lower case, one is not.
TABLE = """
drop schema if exists shop cascade;
create schema shop;
create table shop.lines (
    InvoiceNo text, StockCode text, "Description" text, Quantity integer, InvoiceDate timestamp,
    UnitPrice double precision, CustomerID text, Country text, "changed%at" bigint
);
insert into shop.lines
select
    (536365 + n)::text, 'POST', 'LIGHT, "WHITE"', n, timestamp '2010-12-01' + n * interval '1 hour',
    2.55, '17850.0', 'EIRE', n
from generate_series(0, 1999) as n;
"""
COLUMNS = {
    name: name
    for name in (
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    )
}
IN_DECEMBER, IN_JANUARY, IN_FEBRUARY = 744, 744, 512

Run = Callable[[str], None]


@pytest.fixture
def run(postgres: PostgresServer) -> Iterator[Run]:
    """Runs statements on the shop's database, which has the table."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute(TABLE)
        yield lambda statement: connection.execute(statement) and None


def source(postgres: PostgresServer, **changed: object) -> PostgresTable:
    known: dict[str, object] = {
        "dsn": postgres.dsn,
        "table": "shop.lines",
        "columns": COLUMNS,
        "month_column": "InvoiceDate",
        "chunk_rows": 100,
        "retries": QUICK,
    }
    return PostgresTable(**{**known, **changed})  # type: ignore[arg-type]


def text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


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
        assert path.name == f"{month_file_name(month)}.gz"
        header, *rows = csv.reader(text(path).splitlines())
        assert header == list(COLUMNS)
        assert {row[4][:7] for row in rows} == {f"{month:%Y-%m}"}
        numbers += [int(row[3]) for row in rows]
    assert numbers == list(range(2000))
    assert text(tmp_path / "2010-Dec.csv.gz").splitlines()[1] == (
        '536365,POST,"LIGHT, ""WHITE""",0,2010-12-01 00:00:00,2.55,17850.0,EIRE'
    )
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
    assert before[4:8] == bytes(4), "the time is not part of it"
    assert source(postgres, columns={"Invoice": "InvoiceNo"}).find(DECEMBER) != file


def test_a_watermark_is_trusted(postgres: PostgresServer, run: Run, tmp_path: Path) -> None:
    shop = source(postgres, watermark_column="changed%at")
    before = shop.available()
    assert before[DECEMBER].version.endswith(f":{IN_DECEMBER}:{IN_DECEMBER - 1}")
    run('update shop.lines set unitprice = 9, "changed%at" = 5000 where quantity = 7')
    run("delete from shop.lines where quantity = 800")
    after = shop.available()
    assert {m for m in MONTHS if after[m] != before[m]} == {DECEMBER, JANUARY}
    assert len(text(shop.fetch(after[DECEMBER], tmp_path)).splitlines()) == IN_DECEMBER + 1


def test_values_that_a_csv_could_lose_are_kept_apart(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        """
        delete from shop.lines;
        insert into shop.lines values
            ('1', null, '', 1, '2010-12-31 23:59:59', 1e-7, null, 'x', 0),
            ('2', E'a\\nb\\r\\nc', 'back\\slash', 2, '2010-12-31 23:59:59.5', 1e20, ' ', 'ü£', 0),
            ('3', 'x', 'x', 3, null, 1, 'x', 'x', 0),
            ('4', 'x', 'x', 4, 'infinity', 1, 'x', 'x', 0)
        """
    )
    shop = source(postgres)
    path = shop.fetch(shop.find(DECEMBER), tmp_path)
    assert text(path).split("\n")[1:] == [
        '1,,"",1,2010-12-31 23:59:59,1e-07,,x',
        "2,a\\nb\\r\\nc,back\\slash,2,2010-12-31 23:59:59.500000,1e+20, ,ü£",
        "",
    ]


def test_rows_without_a_month_are_told(
    postgres: PostgresServer, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run("update shop.lines set invoicedate = null where quantity in (3, 4)")
    run("update shop.lines set invoicedate = 'infinity' where quantity = 5")
    assert source(postgres).available()[DECEMBER].rows == IN_DECEMBER - 3
    assert "has 3 rows without a month; no file holds them" in caplog.text


def test_an_instant_is_read_in_the_time_zone_of_the_shop(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        """
        create table shop.instants as
        select timestamptz '2011-06-30 23:30:00+00' as "At", 1 as n
        union all select timestamptz '2011-01-31 23:30:00+00', 2
        """
    )
    shop = source(
        postgres,
        table="shop.instants",
        columns={"at": "At", "n": "n"},
        month_column="At",
        time_zone="Europe/London",
    )
    july = JANUARY.replace(month=7)
    assert list(shop.available()) == [JANUARY, july]
    assert text(shop.fetch(shop.find(july), tmp_path)) == "at,n\n2011-07-01 00:30:00,1\n"
    assert text(shop.fetch(shop.find(JANUARY), tmp_path)) == "at,n\n2011-01-31 23:30:00,2\n"


def test_a_view_by_day_is_a_source_as_well(
    postgres: PostgresServer, run: Run, tmp_path: Path
) -> None:
    run(
        "create view shop.days as select invoicedate::date as day, count(*) as lines, "
        "array_agg(quantity order by quantity) as units from shop.lines group by 1"
    )
    columns = {name: name for name in ("Day", "Lines", "Units")}
    shop = source(postgres, table='"shop".days', columns=columns, month_column="day")
    assert {month: file.rows for month, file in shop.available().items()} == {
        DECEMBER: 31,
        JANUARY: 31,
        FEBRUARY: 22,
    }
    last = text(shop.fetch(shop.find(FEBRUARY), tmp_path)).splitlines()[-1]
    assert last == '2011-02-22 00:00:00,8,"{1992,1993,1994,1995,1996,1997,1998,1999}"'


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

    written = text(shop.fetch(file, tmp_path, change))
    assert len(chunks) == 8, "100 rows at a time"
    assert written.count("\n") == IN_DECEMBER + 1
    assert "changed" not in written


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
    assert "changed" not in text(shop.fetch(file, tmp_path))


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

    assert text(shop.fetch(file, tmp_path, restart)).count("\n") == IN_DECEMBER + 1
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
