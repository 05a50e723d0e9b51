"""What the machinery costs beside the work: loading definitions, the UI's start, a run's frame."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from benchmarks.measure import run

LOAD = "from ecommerce_assets.definitions import defs; defs().get_repository_def()"
PARTITION = """
import json, time
from datetime import date
from ecommerce_assets.cli.opening import open_runner
from ecommerce_assets.settings import load_settings
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
import dagster as dg
runner = open_runner(load_settings())
keys = [dg.AssetKey(["cosmetics", layer, "events"]) for layer in ("files", "lake", "raw")]
started = time.perf_counter()
failure = runner.run(keys, {}, partition_key="2019-10-01")
wall = time.perf_counter() - started
assert failure is None, failure
rows = Ledger(Lake(load_settings().lake_uri)).rows()
print(json.dumps({"run_s": wall, "work_s": sum(r.seconds for r in rows if r.seconds)}))
"""


def measure(work: Path, rounds: int, say: Callable[[str], None]) -> dict[str, list[float]]:
    """Seconds of each overhead, a list of rounds each."""
    home = work / "overheads"
    results: dict[str, list[float]] = {
        "load_definitions_s": [],
        "dagster_dev_answers_s": [],
        "partition_process_s": [],
        "partition_run_s": [],
        "partition_work_s": [],
    }
    environment = {"ECOMMERCE_HOME": str(home), "ECOMMERCE_SAMPLE_EVENTS": "20000"}
    for number in range(rounds + 1):
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        load = run([sys.executable, "-c", LOAD], home, environment)
        process = run([sys.executable, "-c", PARTITION], home, environment)
        partition = json.loads((home / "run.log").read_text().strip().splitlines()[-1])
        answered = _dev_answers(home, environment)
        if number:
            results["load_definitions_s"].append(load.wall_s)
            results["dagster_dev_answers_s"].append(answered)
            results["partition_process_s"].append(process.wall_s)
            results["partition_run_s"].append(round(partition["run_s"], 3))
            results["partition_work_s"].append(round(partition["work_s"], 3))
        say(f"round {number}: definitions {load.wall_s:.2f} s, dagster dev {answered:.2f} s")
    shutil.rmtree(home, ignore_errors=True)
    return results


def _dev_answers(home: Path, environment: dict[str, str]) -> float:
    """Seconds from the start of `ecommerce dev` to its first answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).parent / "ecommerce")
    started = time.perf_counter()
    with (home / "dev.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "dev", "--port", str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            start_new_session=True,
        )
    try:
        while time.perf_counter() - started < 120:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/server_info", timeout=2):
                    return round(time.perf_counter() - started, 2)
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        raise RuntimeError(f"dagster dev did not answer:\n{(home / 'dev.log').read_text()[-2000:]}")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
