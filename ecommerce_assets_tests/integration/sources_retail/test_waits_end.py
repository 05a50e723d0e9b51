"""Whoever does not answer is given up within the time that a setting gives, with a word on it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pyarrow as pa
import pytest

from ecommerce_assets.lib import postgres as postgres_client
from ecommerce_assets.lib.failures import GaveUpWaiting, TransientFailure
from ecommerce_assets.lib.outputs.postgres import upsert_table
from ecommerce_assets.lib.postgres import Patience
from ecommerce_assets.lib.sources.postgres import PostgresTable
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.web.client import Pace
from ecommerce_assets.lib.sources.web.file import HttpFile
from ecommerce_assets_tests.integration.sources_retail.retries import JANUARY, MONTHS
from ecommerce_assets_tests.support.servers.postgres import PostgresServer

QUICK = Retries(5, 0.01, 0.01)
SHORT = Patience(connect_s=2.0, lock_s=0.3, statement_s=1.0)
ROWS = pa.table({"id": [1, 2], "price": [1.5, 2.5]})


@contextmanager
def trickling(head: bytes, body: bytes, every_s: float = 0.05) -> Iterator[str]:
    """A server that sends a byte at a time: of its answer's head, and of the body."""
    listening = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            connection.recv(4096)
            try:
                if body:
                    connection.sendall(head)
                for byte in body or head:
                    if over.wait(every_s):
                        return
                    connection.sendall(bytes([byte]))
            except OSError:
                return

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[connection], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/data.csv"
    finally:
        over.set()
        listening.close()


HEAD = (
    b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nETag: "1"\r\nAccept-Ranges: bytes\r\n'
    b"Connection: close\r\n\r\n"
)


def test_an_address_that_sends_a_byte_at_a_time_is_given_up(tmp_path: Path) -> None:
    with trickling(HEAD, b"x" * 5000) as url:
        shop = HttpFile(url, MONTHS, retries=QUICK, pace=Pace(1000.0, 0.5), read_timeout_s=5.0)
        file = shop.find(JANUARY)
        began = time.monotonic()

        with pytest.raises(GaveUpWaiting, match=r"bytes a second, fewer than 1,000, 2 times") as it:
            shop.fetch(file, tmp_path)

        assert time.monotonic() - began < 8
    assert "ECOMMERCE_SOURCE_MIN_BYTES_PER_S" in it.value.cure


def test_an_answer_whose_head_never_ends_is_given_up() -> None:
    head = HEAD.replace(b"\r\n\r\n", b"\r\nX-Filler: " + b"x" * 5000)
    with trickling(head, b"") as url:
        shop = HttpFile(url, MONTHS, retries=QUICK, connect_timeout_s=0.5, read_timeout_s=0.5)
        began = time.monotonic()

        with pytest.raises(GaveUpWaiting, match=r"did not begin its answer in 1 s, 2 times"):
            shop.find(JANUARY)

        assert time.monotonic() - began < 8


# PostgreSQL -------------------------------------------------------------------------------------


@pytest.fixture
def table(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server with a source table, and a target table of another load."""
    with psycopg.connect(postgres.dsn, autocommit=True) as connection:
        connection.execute("drop schema if exists waits cascade")
        connection.execute("create schema waits")
        connection.execute("create table waits.lines (at timestamp, n integer)")
        connection.execute("insert into waits.lines values ('2011-01-05', 1)")
        connection.execute("create table waits.target (id bigint primary key, price float8)")
        connection.execute("insert into waits.target values (1, 0)")
    yield postgres


def lines(server: PostgresServer | str, patience: Patience = SHORT) -> PostgresTable:
    dsn = server if isinstance(server, str) else server.dsn
    columns = {"at": "at", "n": "n"}
    return PostgresTable(dsn, "waits.lines", columns, "at", patience=patience, retries=QUICK)


def upsert(server: PostgresServer) -> Any:
    return upsert_table(
        server.dsn,
        "waits.target",
        ROWS.to_batches(),
        schema=ROWS.schema,
        key=["id"],
        patience=SHORT,
    )


@pytest.mark.parametrize("writes", [False, True])
def test_a_lock_that_another_session_holds_is_waited_for_no_longer_than_set(
    writes: bool, table: PostgresServer
) -> None:
    with psycopg.connect(table.dsn) as other:
        if writes:
            other.execute("update waits.target set price = 9")  # a row
        else:
            other.execute("lock table waits.lines in access exclusive mode")
        began = time.monotonic()

        with pytest.raises(GaveUpWaiting, match="another session holds a lock on") as caught:
            upsert(table) if writes else lines(table).find(JANUARY)

        assert time.monotonic() - began < 8
        assert "ECOMMERCE_POSTGRES_LOCK_TIMEOUT_S" in caught.value.cure
    assert upsert(table).updated == 1
    assert lines(table).find(JANUARY).rows == 1


def test_a_statement_that_takes_too_long_is_given_up(table: PostgresServer) -> None:
    with psycopg.connect(table.dsn, autocommit=True) as connection:
        connection.execute(
            "create view waits.slow as select at, n from waits.lines, pg_sleep(30) as s"
        )
    slow = PostgresTable(table.dsn, "waits.slow", {"n": "n"}, "at", patience=SHORT, retries=QUICK)
    with pytest.raises(GaveUpWaiting, match=r"did not end a statement in time.*2 times") as caught:
        slow.find(JANUARY)
    assert "ECOMMERCE_POSTGRES_TIMEOUT_S" in caught.value.cure


def test_a_server_that_is_stopped_in_the_middle_is_given_up_and_told(
    table: PostgresServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """SIGSTOP: connections stay open, the system answers for the server, nothing comes."""
    monkeypatch.setattr(postgres_client, "_MARGIN_S", 0.0)
    monkeypatch.setattr(postgres_client, "_TELL_S", 0.3)
    with (
        caplog.at_level(logging.WARNING),
        postgres_client.connect(postgres_client.address(table.dsn), SHORT) as connection,
    ):
        backend = psutil.Process(connection.info.backend_pid)
        os.kill(backend.pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(GaveUpWaiting, match="took the statement and has not answered"):
                connection.execute("select 1")
        finally:
            os.kill(backend.pid, signal.SIGCONT)
        assert time.monotonic() - began < 8
    assert "has not answered for" in caplog.text
    assert "password" not in caplog.text


def test_a_server_that_accepts_and_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()

        with pytest.raises(TransientFailure, match="does not answer in time"):
            lines(f"postgresql://u:p@127.0.0.1:{port}/d").find(JANUARY)

        assert time.monotonic() - began < 30


def test_limits_that_the_address_sets_count_more(table: PostgresServer) -> None:
    where = postgres_client.address(f"{table.dsn}?options=-clock_timeout%3D7s")
    with postgres_client.connect(where, SHORT) as connection:
        assert connection.execute("show lock_timeout").fetchone() == ("7s",)
