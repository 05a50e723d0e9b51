"""Scripts for other processes that load a month, and may stop at a chosen step."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ecommerce_assets_tests.support.builders import start_python

#: Loads `argv[1]` into the lake `argv[2]`; at the n-th publication (`argv[3]`) it says so and
#: waits to be killed, before or after it as `argv[4]` says; n = 0 stops nowhere.
LOAD = """
import hashlib, sys, time
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery, ingest_slice
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import Month, Slice

path, stop, when, force = Path(sys.argv[1]), int(sys.argv[3]), sys.argv[4], sys.argv[5] == "force"
publish, count = Lake.publish, 0

def halt():
    print("here", flush=True)
    time.sleep(60)

def stopping(self, staged, key, replaces=None):
    global count
    count += 1
    if count == stop and when == "before":
        halt()
    publish(self, staged, key, replaces)
    if count == stop and when == "after":
        halt()

Lake.publish = stopping
sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
delivery, contract = Delivery(path, path.name, "v1", sha256), load_contract("cosmetics", "events")
print("started", flush=True)
slice_ = Slice(Lake(sys.argv[2]), contract, Month(date(2019, 10, 1)))
result = ingest_slice(slice_, delivery, force=force, accept_worse=force)
print(result.rows_accepted)
"""


def kill_at(path: Path, lake: str, stop: int, when: str) -> None:
    """Load a file in another process and kill it at a publication."""
    process = start_python(LOAD, path, lake, str(stop), when, "no")
    assert process.stdout
    assert [process.stdout.readline() for _ in range(2)] == ["started\n", "here\n"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def kill_after(path: Path, lake: str, seconds: float) -> None:
    """Load a file in another process and kill it some time after it began to load."""
    process = start_python(LOAD, path, lake, "0", "", "no")
    assert process.stdout and process.stdout.readline() == "started\n"
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
