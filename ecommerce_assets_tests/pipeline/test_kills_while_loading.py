"""Killed with SIGKILL while a month is fetched and loaded: a reader never sees half a month, and
the same command, given again, ends in the tables of a run that nobody killed.
"""

from __future__ import annotations

import os
import random
import signal
import time
import zipfile
from collections.abc import Iterator

import pytest

from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets_tests.pipeline.conftest import Reference
from ecommerce_assets_tests.pipeline.shop import KILLED, MONTHS, Shop, finish
from ecommerce_assets_tests.pipeline.tables import content, contents, differing
from ecommerce_assets_tests.support.servers.kaggle import KaggleServer

DATASET = "mkechinov/ecommerce-events-history-in-cosmetics-shop"
#: Where it dies, and what the ledger then says of the lake's step of the first month.
POINTS = {
    "after_file": [],
    "in_copy": ["interrupted"],
    "before_commit": ["loaded"],
    "after_quarantine": ["interrupted"],
    "after_parquet": ["interrupted"],
}


def published_months_are_whole(shop: Shop, reference: Reference) -> None:
    """Each month that a reader of the lake can see has the rows of the reference."""
    for month in published_months(shop.lake, "cosmetics", "events"):
        slice_ = Slice(shop.lake, load_contract("cosmetics", "events"), Month(month))
        source = "from read_parquet(?, hive_partitioning = false)"
        database = reference.shop.warehouse
        found, wanted = (
            content(database, source, lakehouse.lake.location(slice_.parquet))
            for lakehouse in (shop, reference.shop)
        )
        assert found == wanted


def nothing_is_left_open(shop: Shop) -> None:
    """Neither the command line nor Dagster shows anything failed, interrupted or running."""
    status = shop.ok("status")
    assert "failed" not in status and "interrupted" not in status and "missing" not in status
    assert shop.open_runs() == []
    assert [path for path in (shop.home / "lake" / ".staging").rglob("*") if path.is_file()] == []


def killed_at(shop: Shop, point: str, *arguments: str) -> None:
    done = shop.run(*(arguments or ("demo", "cosmetics")), kill_at=point)
    assert done.code == KILLED, done.output


def test_a_load_killed_at_one_place_after_the_other_ends_in_the_same_tables(
    shop: Shop, reference: Reference
) -> None:
    for point in ("after_file", "in_copy", "after_quarantine", "before_commit", "after_parquet@1"):
        killed_at(shop, point)
        published_months_are_whole(shop, reference)
    status = shop.run("status")
    assert status.code == ExitCode.FAILED and "interrupted" in status.output
    assert len(shop.open_runs()) == 1

    shop.ok("demo", "cosmetics")

    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)


@pytest.mark.full
@pytest.mark.parametrize("point", POINTS)
def test_a_load_killed_once_ends_in_the_same_tables(
    point: str, shop: Shop, reference: Reference
) -> None:
    killed_at(shop, point)
    assert shop.statuses("lake") == POINTS[point]
    published_months_are_whole(shop, reference)

    shop.ok("demo", "cosmetics")

    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)


@pytest.fixture
def kaggle(reference: Reference) -> Iterator[KaggleServer]:
    """A server with the reference's files as a data set; the first is a large one."""
    files = {}
    for path in reference.files:
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            files[name] = archive.read(name)
    name = next(iter(files))
    files[name] = with_ballast(files[name])
    with KaggleServer() as server:
        server.publish(DATASET, files)
        yield server


@pytest.mark.full  # resuming itself is tested in integration/sources
def test_a_download_killed_midway_goes_on_where_it_stopped(
    shop: Shop, kaggle: KaggleServer, reference: Reference
) -> None:
    shop.variables |= {
        "ECOMMERCE_SOURCE": "kaggle",
        "ECOMMERCE_KAGGLE_ENDPOINT": kaggle.url,
        "KAGGLE_USERNAME": "demo",
        "KAGGLE_KEY": kaggle.keys["demo"],
    }
    kaggle.faults.hold_after = [1_500_000]
    process = shop.start("demo", "cosmetics")
    try:
        partial = wait_for_bytes(shop)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
    assert finish(process).code == KILLED
    assert published_months(shop.lake, "cosmetics", "events") == []

    output = shop.ok("demo", "cosmetics")

    resumed = [r for r in kaggle.calls("GET") if r.range]
    assert [r.range for r in resumed] == [f"bytes={partial}-"]
    assert kaggle.keys["demo"] not in output
    assert differing(contents(shop.warehouse), reference.tables) == {}
    nothing_is_left_open(shop)
    assert [path for path in (shop.home / "downloads").rglob("*") if path.is_file()] == []
    assert len(shop.delivered()) == len(MONTHS)


def with_ballast(content: bytes) -> bytes:
    """The file with one more column, which the contract reports and leaves out: 2 MB when packed.

    Kaggle's client writes a mebibyte at a time, so a download has to be larger to stop midway.
    """
    header, *lines = content.decode().splitlines()
    draw = random.Random(1)
    rows = [f"{header},ballast", *(f"{line},{draw.randbytes(2_000).hex()}" for line in lines)]
    return ("\n".join(rows) + "\n").encode()


def wait_for_bytes(shop: Shop) -> int:
    """Wait until the first mebibyte of the held download is on disk; gives its bytes."""
    for _ in range(600):
        files = (shop.home / "downloads").rglob("2019-Oct.csv")
        sizes = [path.stat().st_size for path in files if path.is_file()]
        if sizes and sizes[0] == 1 << 20:
            return sizes[0]
        time.sleep(0.1)
    raise AssertionError("the download never began")
