"""Scripts for other processes that load a month out of a shared file, or fetch it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from datetime import date
from pathlib import Path

from ecommerce_assets_tests.support.builders import start_python

#: Loads the month `argv[3]` of the retail file `argv[1]` into the lake `argv[2]`; at the n-th
#: publication (`argv[4]`) it says so and waits to be killed, before or after it as `argv[5]` says;
#: n = 0 stops nowhere. It prints the accepted rows, and whether it read the file.
LOAD_PART = """
import hashlib, sys, time
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.ingest.month_file import Delivery
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.ingest.whole_file import ingest_part
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.ingest.split import Months

path, stop, when = Path(sys.argv[1]), int(sys.argv[4]), sys.argv[5]
publish, count, read = Lake.publish, 0, []

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
contract = load_contract("retail", "invoices_archive")
print("started", flush=True)
result = ingest_part(
    Slice(Lake(sys.argv[2]), contract, Month.parse(sys.argv[3])),
    Months(date(2010, 12, 1), date(2011, 12, 1)),
    Delivery(path, path.name, "v1", sha256),
    progress=lambda done, total: read.append(done),
)
print(result.rows_accepted, "read" if read else "found")
"""

#: Fetches the electronics store's file from the landing folder `argv[1]` for the month `argv[3]`
#: into the lake `argv[2]`, over the downloads of `argv[4]`; waits for a line of input first.
FETCH = """
import sys
from datetime import date
from pathlib import Path
from ecommerce_assets.lib.contracts.contract import load_contract
from ecommerce_assets.lib.ingest.fetch import fetch_month
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.sources.landing import LandingFolder
from ecommerce_assets.lib.sources.protocol import SharedName
from ecommerce_assets.lib.lake.slices import Month, Slice

months = tuple(date(2020, month, 1) for month in range(1, 12))
source = LandingFolder(sys.argv[1], SharedName("kz", months))
contract, lake = load_contract("electronics", "purchases"), Lake(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
_, new = fetch_month(source, Slice(lake, contract, Month.parse(sys.argv[3])), Path(sys.argv[4]))
print("fetched" if new else "found")
"""


def start_load(
    path: Path, lake: str, month: date, stop: int = 0, when: str = ""
) -> subprocess.Popen[str]:
    """Begin to load a month in another process."""
    return start_python(LOAD_PART, path, lake, str(month), str(stop), when)


def kill_at(path: Path, lake: str, month: date, stop: int, when: str) -> None:
    """Load a month in another process and kill it at a publication."""
    process = start_load(path, lake, month, stop, when)
    assert process.stdout
    assert [process.stdout.readline() for _ in range(2)] == ["started\n", "here\n"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def kill_after(path: Path, lake: str, month: date, seconds: float) -> None:
    """Load a month in another process and kill it some time after it began to load."""
    process = start_load(path, lake, month)
    assert process.stdout and process.stdout.readline() == "started\n"
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
