"""A command that is told to end does so with a word; what a killed one left holds nobody up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets_tests.pipeline.shop import LONGEST_RUN_S, MONTHS, Shop, month_text
from ecommerce_assets_tests.pipeline.test_kills_while_loading import nothing_is_left_open
from ecommerce_assets_tests.support.servers.ports import free_port

BACKFILL = ("backfill", "cosmetics")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty lakehouse whose shop has one month."""
    month = month_text(MONTHS[0])
    return Shop(tmp_path / "home", {"ECOMMERCE_COSMETICS_MONTHS": f"{month}:{month}"})


def dbt_of(process: subprocess.Popen[str]) -> psutil.Process:
    """The dbt that builds models below a process, once it is there."""
    end = time.monotonic() + LONGEST_RUN_S
    while time.monotonic() < end and process.poll() is None:
        for each in psutil.Process(process.pid).children(recursive=True):
            try:
                words = each.cmdline()
            except psutil.Error:
                continue
            if any(word.endswith("ecommerce-dbt") for word in words) and "build" in words:
                return each
        time.sleep(0.1)
    raise AssertionError(process.communicate()[0])


def gone(process: psutil.Process) -> bool:
    try:
        process.wait(30)
    except psutil.TimeoutExpired:
        return False
    return True


@pytest.mark.full
@pytest.mark.parametrize("signo", [signal.SIGTERM, signal.SIGINT])
def test_a_backfill_that_is_told_to_end_while_dbt_runs_closes_all_and_can_go_on(
    signo: signal.Signals, shop: Shop
) -> None:
    process = shop.start(*BACKFILL)
    dbt = dbt_of(process)
    process.send_signal(signo)
    output, _ = process.communicate(timeout=LONGEST_RUN_S)

    assert process.returncode == 128 + signo, output
    assert "Ended before it was done" in output and "Traceback" not in output
    assert gone(dbt) and shop.open_runs() == []
    ended = {row.step: row.status for row in Ledger(shop.lake).rows()}
    assert ended["models"] == ended["backfill"] == "interrupted"
    shop.ok(*BACKFILL)
    nothing_is_left_open(shop)


@pytest.mark.full
def test_a_backfill_that_is_killed_while_dbt_runs_leaves_no_dbt_and_holds_nobody_up(
    shop: Shop,
) -> None:
    process = shop.start(*BACKFILL)
    dbt = dbt_of(process)
    dbt.suspend()  # so that it cannot end by itself
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    output = shop.ok(*BACKFILL)

    assert f"process {dbt.pid}" in output, "ended with a word"
    assert not dbt.is_running() or dbt.status() == psutil.STATUS_ZOMBIE
    nothing_is_left_open(shop)


@pytest.mark.full
def test_what_a_killed_ui_left_is_ended_by_the_next_command(shop: Shop) -> None:
    port = free_port()
    process = shop.start("dev", "--port", str(port))
    end = time.monotonic() + LONGEST_RUN_S
    while time.monotonic() < end and not listens(port):
        time.sleep(0.5)
    assert listens(port)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    output = shop.ok("backfill", "cosmetics", "--plan")

    assert "which a killed run left" in output
    assert not listens(port)


def listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
