"""Drains that are killed or race: each offset is in the lake once, and none is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time

import pytest

from ecommerce_assets_tests.integration.stream.conftest import Stream
from ecommerce_assets_tests.support.builders import lake_at, left_in_staging, start_python
from ecommerce_assets_tests.support.messages import contract_of

#: Drains the topic `argv[2]` of the broker `argv[3]` into the lake of the folder `argv[1]`; at the
#: n-th publication (`argv[4]`; 0: none) it is killed, before or after it as `argv[5]` says.
DRAIN = """
import os, signal, sys
from pathlib import Path
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.stream.broker import Broker
from ecommerce_assets.lib.stream.drain import drain_topic

folder, topic, address = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
stop, when = int(sys.argv[4]), sys.argv[5]
publish, count = Lake.publish, 0

def stopping(self, staged, name, replaces=None):
    global count
    count += 1
    if count == stop and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    publish(self, staged, name, replaces)
    if count == stop and when == "after":
        os.kill(os.getpid(), signal.SIGKILL)

Lake.publish = stopping
contract = load_contract("shop", "orders", folder / "contracts" / "shop")
lake = Lake((folder / "lake").as_uri())
print("started", flush=True)
with Broker({"bootstrap.servers": address}) as broker:
    done = drain_topic(broker, lake, contract, topic, batch=500)
print(done.received, flush=True)
"""
FULL = bool(os.environ.get("ECOMMERCE_FULL_TESTS"))
ROUNDS = 100 if FULL else 5


def start(stream: Stream, stop: int = 0, when: str = "no") -> subprocess.Popen[str]:
    contract_of(stream.folder)  # its file
    return start_python(DRAIN, stream.folder, stream.topic, stream.address, str(stop), when)


def finished(stream: Stream, count: int, partitions: int) -> None:
    """Nothing is left to drain, and every offset is there once."""
    stream.drain()
    for partition in range(partitions):
        assert stream.settled(partition) == list(range(count)), partition
    with lake_at(stream.folder).staging():
        pass
    assert [name for name in left_in_staging(stream.folder) if not name.endswith(".lock")] == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stop", [1, 2, 3], ids=["quarantine", "segment", "second quarantine"])
def test_killed_at_a_publication_the_next_drain_ends_as_if_nothing_had_been(
    stream: Stream, stop: int, when: str
) -> None:
    stream.fill(0, 1_200)
    process = start(stream, stop, when)
    assert process.wait(60) == -signal.SIGKILL
    assert stream.settled() == list(range(len(stream.settled())))
    finished(stream, 1_200, 1)


def test_two_that_race_and_are_killed_at_random_lose_and_double_nothing(stream: Stream) -> None:
    chance, filled = random.Random(7), 0
    for number in range(ROUNDS):
        for partition in range(2):
            stream.fill(filled, filled + 900, partition)
        filled += 900
        racing = [start(stream), start(stream)]
        for each in racing:
            assert each.stdout is not None
            each.stdout.readline()
        for each in racing:
            time.sleep(chance.uniform(0, 0.8))
            each.kill()
            each.wait()
        for partition in range(2):
            settled = stream.settled(partition)
            assert settled == list(range(len(settled))), f"round {number}, partition {partition}"
    finished(stream, filled, 2)
