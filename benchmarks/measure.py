"""One command in a process of its own: wall and CPU seconds, and the peak of its memory."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What one run took. `peak_mb` is the largest resident size of the process (10^6 bytes)."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> Reading:
    """Run a command to its end.

    Raises:
        RuntimeError: it failed; the message holds the end of what it printed.
    """
    log = cwd / "run.log"
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=os.environ | (env or {})
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} failed:\n{log.read_text()[-3000:]}")
    # Linux gives kibibytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    peak = usage.ru_maxrss * unit / 1e6
    return Reading(round(wall, 3), round(usage.ru_utime + usage.ru_stime, 3), round(peak, 1))


@dataclass(frozen=True)
class TreeReading:
    """What a command and its children took. `peak_mb` is the largest sample (10^6 bytes)."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_tree(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> TreeReading:
    """Run a command to its end and sample the memory of it and its children, 20 times a second.

    Resident sizes are added up; pages that two processes share count twice.

    Raises:
        RuntimeError: it failed; the message holds the end of what it printed.
    """
    import psutil

    log, peak = cwd / "run.log", 0
    before = os.times()
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, stdout=out, stderr=subprocess.STDOUT, env=os.environ | (env or {})
        )
        root = psutil.Process(process.pid)
        while process.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                family = [root, *root.children(recursive=True)]
                peak = max(peak, sum(_resident(member) for member in family))
            time.sleep(0.05)
        wall = time.perf_counter() - started
    after = os.times()
    if process.returncode:
        raise RuntimeError(f"{command} failed:\n{log.read_text()[-3000:]}")
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return TreeReading(round(wall, 3), round(cpu, 3), round(peak / 1e6, 1))


def _resident(process: Any) -> int:
    import psutil

    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def environment() -> dict[str, object]:
    """The machine and the versions that figures depend on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = (
        "duckdb",
        "pandas",
        "polars",
        "pyarrow",
        "fastparquet",
        "isal",
        "dagster",
        "dbt-core",
    )
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def as_json(readings: list[Reading]) -> list[dict[str, float]]:
    """Readings for the results file."""
    return [asdict(reading) for reading in readings]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
