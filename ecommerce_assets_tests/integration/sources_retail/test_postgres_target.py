"""A table of another PostgreSQL holds exactly the rows of the window that was loaded."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pytest

from ecommerce_assets.lib.failures import (
    ContractBroken,
    CredentialsRefused,
    LakehouseError,
    PermanentFailure,
    TransientFailure,
)
from ecommerce_assets.lib.outputs.postgres import Upserted, Window, upsert_table
from ecommerce_assets_tests.support.builders import start_python
from ecommerce_assets_tests.support.servers.postgres import PASSWORD, PostgresServer

TABLE = "target.invoice_lines"
DECEMBER = Window("at", datetime(2010, 12, 1, tzinfo=UTC), datetime(2011, 1, 1, tzinfo=UTC))
#: Lines of invoices, one each hour from the start of December; `{}` is their number.
LINES = """
    select
        (536365 + i)::varchar as "Invoice %", i::bigint as line,
        case i % 3 when 0 then null when 1 then '' else 'WHITE "METAL", a' || chr(10) || 'b' end
            as description,
        (i / 7)::decimal(12, 4) as unit_price, i::integer as quantity, i / 3 as share,
        timestamptz '2010-12-01 00:00:00+00' + i * interval 1 hour as at,
        i % 2 = 0 as returned, date '2010-12-01' as day, sum(i)::hugeint as total
    from range({}) as t(i) group by i order by hash(i)
"""
KEY = ("Invoice %", "line")


@pytest.fixture(autouse=True)
def empty(postgres: PostgresServer) -> None:
    """No test sees another's tables."""
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute("drop schema if exists target cascade")


def rows_of(query: str) -> pa.RecordBatchReader:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection.sql(query).to_arrow_reader(500)


def load(postgres: PostgresServer, query: str, **changed: Any) -> Upserted:
    rows = rows_of(query)
    known = {"dsn": postgres.dsn, "table": TABLE, "batches": rows, "schema": rows.schema}
    return upsert_table(**{**known, "key": KEY, **changed})


def stored(postgres: PostgresServer, sql: str = f"select * from {TABLE} order by line") -> Any:
    with psycopg.connect(postgres.dsn, options="-c timezone=UTC") as connection:
        return connection.execute(sql).fetchall()


def expected(query: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    return connection.sql(f"select * from ({query}) order by line").fetchall()


def test_a_missing_table_is_made_with_types_and_key_and_holds_the_rows(
    postgres: PostgresServer,
) -> None:
    assert load(postgres, LINES.format(1200)) == Upserted(1200, 0, 0, 0, created=True)
    assert stored(postgres) == expected(LINES.format(1200))
    types = stored(
        postgres,
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        f"where attrelid = '{TABLE}'::regclass and attnum > 0 order by attnum",
    )
    assert dict(types) == {
        "Invoice %": "text",
        "line": "bigint",
        "description": "text",
        "unit_price": "numeric(12,4)",
        "quantity": "integer",
        "share": "double precision",
        "at": "timestamp with time zone",
        "returned": "boolean",
        "day": "date",
        "total": "numeric(38,0)",
    }


def test_every_type_of_the_warehouses_arrives_as_it_was(postgres: PostgresServer) -> None:
    noon = datetime(2011, 7, 1, 12, tzinfo=UTC)
    columns = {
        "line": pa.array([1, 2], pa.int8()),
        "london": pa.array([noon, None], pa.timestamp("ns", "Europe/London")),
        "clock": pa.array([datetime(2011, 7, 1, 12, 0, 0, 5), None], pa.timestamp("us")),
        "text": pa.array(['a,"b\r\n', ""], pa.large_string()),
        "view": pa.array(["\\.", "\\N"], pa.string_view()),
        "kind": pa.array(["ä", None]).dictionary_encode(),
        "day": pa.array([date(2011, 7, 1), None], pa.date64()),
        "huge": pa.array([2**64 - 1, None], pa.uint64()),
        "money": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
        "share": pa.array([float("inf"), -0.1]),
    }
    rows = pa.table(columns)
    for counts in (Upserted(2, 0, 0, 0, created=True), Upserted(0, 0, 0, 2)):
        loaded = upsert_table(
            postgres.dsn, TABLE, rows.to_batches(), schema=rows.schema, key=["line"]
        )
        assert loaded == counts
    assert stored(postgres) == [
        (
            *(1, noon, datetime(2011, 7, 1, 12, 0, 0, 5), 'a,"b\r\n', "\\.", "ä"),
            *(date(2011, 7, 1), Decimal(2**64 - 1), Decimal("1.50"), float("inf")),
        ),
        (2, None, None, "", "\\N", None, None, None, None, -0.1),
    ]


def test_only_what_differs_is_written(postgres: PostgresServer) -> None:
    load(postgres, LINES.format(1200))
    before = dict(stored(postgres, f"select line, xmin::text from {TABLE}"))
    assert load(postgres, LINES.format(1200)) == Upserted(0, 0, 0, 1200)
    assert dict(stored(postgres, f"select line, xmin::text from {TABLE}")) == before
    changed = LINES.format(1250).replace("'' else", "null else")
    changed = f"select * from ({changed}) where line >= 100"
    assert load(postgres, changed) == Upserted(50, 367, 100, 733)
    assert stored(postgres) == expected(changed)
    after = dict(stored(postgres, f"select line, xmin::text from {TABLE}"))
    assert sum(after[line] == before[line] for line in range(100, 1200)) == 733


def test_rows_outside_of_the_window_are_left_alone(postgres: PostgresServer) -> None:
    load(postgres, LINES.format(1200))
    fewer = f"select * from ({LINES.format(744)}) where line % 4 > 0"
    assert load(postgres, fewer, window=DECEMBER) == Upserted(0, 0, 186, 558)
    assert stored(postgres) == [
        row for row in expected(LINES.format(1200)) if row[1] % 4 or row[1] >= 744
    ]
    nothing = f"select * from ({LINES.format(1)}) where false"
    assert load(postgres, nothing, window=DECEMBER) == Upserted(0, 0, 558, 0)
    before = stored(postgres)
    with pytest.raises(ContractBroken, match="56 rows lie outside the window"):
        load(postgres, LINES.format(800), window=DECEMBER)
    assert stored(postgres) == before


def test_columns_that_the_rows_do_not_have_stay_as_they_are(postgres: PostgresServer) -> None:
    load(postgres, LINES.format(10))
    with psycopg.connect(postgres.dsn) as connection:
        connection.execute(f"alter table {TABLE} add note text")
        connection.execute(f"update {TABLE} set note = 'seen' where line < 5")
    assert load(postgres, LINES.format(8).replace("7)::", "9)::")).deleted == 2
    assert stored(postgres, f"select note from {TABLE} order by line") == [
        *[("seen",)] * 5,
        *[(None,)] * 3,
    ]


@pytest.mark.parametrize(
    ("query", "changed", "kind", "said"),
    [
        (f"{LINES.format(9)[:-17]} union all {LINES.format(1)[:-17]}", {}, ContractBroken, "twice"),
        (LINES.format(9).replace("i::bigint", "nullif(i, 5)"), {}, ContractBroken, "is null"),
        (LINES.format(9).replace("i::integer", "i::bigint"), {}, PermanentFailure, "quantity int"),
        (LINES.format(9).replace("as share", "as part"), {}, PermanentFailure, "part missing"),
        (LINES.format(9), {"key": ["line"]}, PermanentFailure, "the rows' is (line)"),
        (LINES.format(9).replace("i / 3", "[i]"), {}, PermanentFailure, "no column of PostgreSQL"),
        (
            LINES.format(9).replace("'' else", "chr(0) else"),
            {},
            PermanentFailure,
            "refuses the statement: invalid byte sequence",
        ),
    ],
)
def test_rows_that_do_not_fit_leave_the_old_table(
    postgres: PostgresServer,
    query: str,
    changed: dict[str, Any],
    kind: type[LakehouseError],
    said: str,
) -> None:
    load(postgres, LINES.format(20))
    before = stored(postgres)
    with pytest.raises(kind) as caught:
        load(postgres, query, **changed)
    assert said in str(caught.value)
    assert stored(postgres) == before


def test_a_source_of_rows_that_fails_midway_leaves_the_old_table(
    postgres: PostgresServer,
) -> None:
    load(postgres, LINES.format(20))
    before = stored(postgres)
    rows = rows_of(LINES.format(2000))

    def breaking() -> Iterator[pa.RecordBatch]:
        yield rows.read_next_batch()
        raise TransientFailure("the warehouse is busy", "start again")

    with pytest.raises(TransientFailure, match="the warehouse is busy"):
        load(postgres, LINES.format(20), batches=breaking(), schema=rows.schema)
    assert stored(postgres) == before


def test_a_server_that_stops_midway_has_the_old_table_when_it_is_back(
    postgres: PostgresServer,
) -> None:
    load(postgres, LINES.format(20))
    before = stored(postgres)
    rows = rows_of(LINES.format(2000))

    def stopping() -> Iterator[pa.RecordBatch]:
        yield rows.read_next_batch()
        postgres.stop()
        postgres.start()
        yield rows.read_next_batch()

    with pytest.raises(TransientFailure) as caught:
        load(postgres, LINES.format(20), batches=stopping(), schema=rows.schema)
    assert PASSWORD not in str(caught.value)
    assert stored(postgres) == before


#: Loads 3,000 rows into the database `argv[1]`; before the n-th statement (`argv[2]`) that writes,
#: counted from 1, or before the transaction ends (0), it says so and waits to be killed.
LOAD = """
import sys, time
import duckdb, psycopg
from ecommerce_assets.lib.outputs.postgres import upsert_table

stop, count = int(sys.argv[2]), 0
execute, commit = psycopg.Connection.execute, psycopg.Connection.commit

def halt():
    print("here", flush=True)
    time.sleep(60)

def counting(self, query, *rest, **named):
    global count
    text = query if isinstance(query, str) else query.as_string(self)
    if text.lstrip().startswith(("create", "lock", "analyze", "insert", "delete")):
        count += 1
        if count == stop:
            halt()
    return execute(self, query, *rest, **named)

def committing(self):
    if stop == 0:
        halt()
    commit(self)

psycopg.Connection.execute, psycopg.Connection.commit = counting, committing
rows = duckdb.sql("select i as line, i % 7 as quantity from range(3000) t(i)").to_arrow_reader(100)
print(upsert_table(sys.argv[1], "target.kills", rows, schema=rows.schema, key=["line"]))
"""
#: What the script writes: lock, stage, its statistics, rows, deletions; and the end.
STOPS = (1, 2, 3, 4, 5, 0)


@pytest.mark.parametrize("stop", STOPS)
def test_killed_anywhere_the_table_holds_the_old_rows_and_the_next_load_the_new(
    postgres: PostgresServer, stop: int
) -> None:
    old = rows_of("select i as line, i % 5 as quantity from range(1000, 4000) t(i)")
    upsert_table(postgres.dsn, "target.kills", old, schema=old.schema, key=["line"])
    before = stored(postgres, "select * from target.kills order by line")
    process = start_python(LOAD, postgres.dsn, str(stop))
    assert process.stdout
    assert process.stdout.readline() == "here\n", process.stderr and process.stderr.read()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert stored(postgres, "select * from target.kills order by line") == before
    new = rows_of("select i as line, i % 7 as quantity from range(3000) t(i)")
    counts = upsert_table(postgres.dsn, "target.kills", new, schema=new.schema, key=["line"])
    assert (counts.inserted, counts.deleted) == (1000, 1000)
    assert counts.updated + counts.unchanged == 2000
    assert stored(postgres, "select * from target.kills order by line") == [
        (line, line % 7) for line in range(3000)
    ]


def test_a_killed_first_load_leaves_no_table(postgres: PostgresServer) -> None:
    process = start_python(LOAD, postgres.dsn, "0")
    assert process.stdout
    assert process.stdout.readline() == "here\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert stored(postgres, "select to_regclass('target.kills')") == [(None,)]


def test_two_loads_at_once_follow_each_other(postgres: PostgresServer) -> None:
    done: list[Upserted] = []
    reached, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[pa.RecordBatch]:
        for batch in rows_of(LINES.format(1200)):
            yield batch
            reached.set()
            go_on.wait(30)

    def run(batches: Callable[[], Any]) -> None:
        done.append(load(postgres, LINES.format(1200), batches=batches()))

    first = threading.Thread(target=run, args=(slowly,))
    second = threading.Thread(target=run, args=(lambda: rows_of(LINES.format(1200)),))
    first.start()
    assert reached.wait(30)
    second.start()
    second.join(0.3)
    assert done == [], "the second waits"
    go_on.set()
    first.join()
    second.join()
    assert done == [Upserted(1200, 0, 0, 0, created=True), Upserted(0, 0, 0, 1200)]


def test_a_server_that_is_down_may_come_back_and_a_wrong_password_does_not(
    postgres: PostgresServer,
) -> None:
    with pytest.raises(TransientFailure, match="refuses the connection"):
        load(postgres, LINES.format(1), dsn=f"postgresql://postgres:{PASSWORD}@127.0.0.1:1/x")
    with pytest.raises(CredentialsRefused) as caught:
        load(postgres, LINES.format(1), dsn=postgres.address(password="wr0ng-secret"))
    assert "wr0ng-secret" not in str(caught.value)
