"""One command in a process of its own: wall and CPU seconds, and the peak of its memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path


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
