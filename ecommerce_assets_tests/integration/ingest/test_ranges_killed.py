"""Ranges of offsets that are killed or race: every offset is there once, and none is lost."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest

from ecommerce_assets.lib.lake.slices import Offsets, Slice, published_slices
from ecommerce_assets_tests.support.builders import (
    finish,
    lake_at,
    lake_files,
    left_in_staging,
    start_python,
)
from ecommerce_assets_tests.support.forms import held_of, rows_of
from ecommerce_assets_tests.support.messages import TOPIC, contract_of, load_range

#: Loads the range of the text `argv[2]` into the lake of the folder `argv[1]`; at the n-th
#: publication (`argv[3]`) it says so and waits to be killed, before or after it as `argv[4]` says.
LOAD = """
import sys, time
from pathlib import Path
from ecommerce_assets.lib.lake.bucket import LostRace
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Offsets
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets_tests.support.messages import load_range

folder, key = Path(sys.argv[1]), Offsets.parse(sys.argv[2])
stop, when = int(sys.argv[3]), sys.argv[4]
contract = load_contract("shop", "orders", folder / "contracts" / "shop")
publish, count = Lake.publish, 0

def halt():
    print("here", flush=True)
    time.sleep(60)

def stopping(self, staged, name, replaces=None):
    global count
    count += 1
    if count == stop and when == "before":
        halt()
    publish(self, staged, name, replaces)
    if count == stop and when == "after":
        halt()

Lake.publish = stopping
print("started", flush=True)
try:
    print(load_range(folder, contract, key).rows_received)
except LostRace:
    print("lost")
"""
KEY = Offsets(TOPIC, 3, 0, 20_000)


def settled(folder: Path) -> tuple[list[int], list[int]]:
    """The offsets that were accepted and quarantined, over all ranges; all of them once."""
    contract = contract_of(folder)
    keys = [slice_.key for slice_ in published_slices(lake_at(folder), contract)]
    good = [row["message_offset"] for key in keys for row in rows_of(folder, contract, key)]
    bad = [row["line"] for key in keys for row in held_of(folder, contract, key)]
    return good, bad


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stop", [1, 2], ids=["quarantine", "Parquet"])
def test_killed_at_a_publication_the_next_run_ends_as_if_nothing_had_been(
    tmp_path: Path, stop: int, when: str
) -> None:
    clean, killed = tmp_path / "clean", tmp_path / "killed"
    load_range(clean, contract_of(clean), KEY)
    contract_of(killed)
    process = start_python(LOAD, killed, KEY.text, str(stop), when)
    assert process.stdout
    assert [process.stdout.readline() for _ in range(2)] == ["started\n", "here\n"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    slice_ = Slice(lake_at(killed), contract_of(killed), KEY)
    assert slice_.is_published == ((stop, when) == (2, "after"))
    load_range(killed, contract_of(killed), KEY)
    assert settled(killed) == settled(clean)
    assert lake_files(killed).keys() == lake_files(clean).keys()
    with lake_at(killed).staging():
        pass
    assert left_in_staging(killed) == []


def test_killed_at_any_moment_no_offset_is_lost_or_doubled(tmp_path: Path) -> None:
    for name in ("whole", "killed"):
        contract_of(tmp_path / name)
    chance, start = random.Random(7), time.monotonic()
    finish(start_python(LOAD, tmp_path / "whole", KEY.text, "0", ""))
    whole = time.monotonic() - start
    killed = tmp_path / "killed"
    for _ in range(5):
        process = start_python(LOAD, killed, KEY.text, "0", "")
        assert process.stdout and process.stdout.readline() == "started\n"
        time.sleep(chance.uniform(0, whole))
        process.kill()
        process.wait()
    load_range(killed, contract_of(killed), KEY)
    good, bad = settled(killed)
    assert sorted(good + bad) == list(range(20_000))
    assert (good, bad) == settled(tmp_path / "whole")


def test_of_two_that_begin_at_one_place_one_is_published_whole(tmp_path: Path) -> None:
    for turn in range(3):
        folder, start = tmp_path / f"{turn}", turn * 10
        contract_of(folder)
        keys = [Offsets(TOPIC, 0, start, start + length) for length in (3_000, 5_000)]
        racers = [start_python(LOAD, folder, key.text, "0", "") for key in keys]
        said = [finish(racer).splitlines()[-1] for racer in racers]
        assert said.count("lost") == 1
        (won,) = [key for key, word in zip(keys, said, strict=True) if word != "lost"]
        good, bad = settled(folder)
        assert sorted(good + bad) == list(range(won.start, won.end))
        quarantine = [name for name in lake_files(folder) if name.startswith("quarantine")]
        assert len(quarantine) == 1
