"""Which process did something, told so that it can be known later whether it still runs.

Belongs here: naming this process, and judging a name. Stays out: what is made of a dead one.

A number alone names nobody: numbers are given again after a while, and at once after a restart of
the machine or of a container. So a name holds the start of the machine, the space of process
numbers, the number, and the start of the process.
"""

from __future__ import annotations

import functools
import os
import socket
import sys
import threading
import time
from enum import Enum
from pathlib import Path


class Life(Enum):
    """What is known of a process."""

    RUNS = "runs"
    GONE = "gone"
    #: Of another machine or container: it cannot be seen from here.
    ELSEWHERE = "elsewhere"


def own_process() -> str:
    """The name of this process, `host:pid:started:space:boot`."""
    pid = os.getpid()
    return ":".join([socket.gethostname(), str(pid), _started(pid) or "", _space(), _boot()])


def number_of(name: str) -> int | None:
    """The process number in a name; None where it has none."""
    parts = name.split(":")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None


def life_of(name: str) -> Life:
    """Whether the process of a name still runs.

    Args:
        name: from `own_process`; `host:pid`, as earlier releases wrote it, is judged by that alone.
    """
    host, pid, started, space, boot = (*name.split(":"), "", "", "", "", "")[:5]
    if not pid.isdigit():
        return Life.ELSEWHERE
    same_host = host == socket.gethostname()
    if not boot:
        return _by_number(int(pid), started) if same_host else Life.ELSEWHERE
    if boot != _boot():
        # The same machine was started again since. Or it is another one.
        return Life.GONE if same_host else Life.ELSEWHERE
    if space != _space():
        # The same container was started again since, so that its first process is younger. Or it
        # is another one, or a sandbox on the same machine.
        again = same_host and int(_started(1) or 0) > int(started or 0)
        return Life.GONE if again else Life.ELSEWHERE
    return _by_number(int(pid), started)


def _by_number(pid: int, started: str) -> Life:
    now = _started(pid)
    if now is None:
        return Life.GONE
    return Life.RUNS if started in ("", now) else Life.GONE


def _started(pid: int) -> str | None:
    """When a process started, as a text to compare; None where there is none, or only its rest."""
    if sys.platform == "linux":
        try:
            # The name of the program, in brackets, may hold blanks and brackets itself.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        except PermissionError:
            return ""
        return None if fields[0] in ("Z", "X") else fields[19]
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.0f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return ""


@functools.cache
def _boot() -> str:
    """The start of the machine, as a text to compare; empty where none is exact.

    Elsewhere the start moves with every correction of the clock; that of a process does not.
    """
    if sys.platform == "linux":
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


@functools.cache
def _space() -> str:
    """The space in which process numbers count: each container has its own."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""


#: The variable by which a process that was started here knows whose it is: `own_process()`.
OWNER = "ECOMMERCE_OWNER"
#: The home of the owner's lakehouse.
OWNER_HOME = "ECOMMERCE_OWNER_HOME"
#: Seconds between two looks at the owner.
LOOK_S = 0.5


def end_with_owner() -> None:
    """End this process soon after its owner is gone; without an owner nothing happens.

    What it was at work on stays as a kill would leave it: nobody waits for it any more, and as long
    as it goes on it holds what the owner's successor needs.
    """
    owner = os.environ.get(OWNER)
    if owner:
        threading.Thread(target=_watch, args=[owner], name="owner-watch", daemon=True).start()


def _watch(owner: str) -> None:
    while life_of(owner) is not Life.GONE:
        time.sleep(LOOK_S)
    os._exit(1)
