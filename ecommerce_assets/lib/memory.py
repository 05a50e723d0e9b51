"""The peak memory of this process and its children, sampled while a block runs.

Belongs here: the one sampling thread and the blocks that it watches for. Stays out: what is made of
the figures. They are samples, ten a second: a peak shorter than that may be missed, and memory
that processes share is counted in each of them.
"""

from __future__ import annotations

import contextlib
import threading
from types import TracebackType
from typing import ClassVar

#: Seconds between two samples. One looks at every process of the machine: a millisecond's work.
EVERY_S = 0.1
THREAD = "memory-watch"
MEGABYTE = 1_000_000


class MemoryWatch:
    """Watches while its block runs; `peak_mb` is the largest sample so far, in 10^6 bytes.

    Blocks may overlap and lie in each other: one thread samples for all of them.
    """

    _open: ClassVar[set[MemoryWatch]] = set()
    _lock: ClassVar[threading.Lock] = threading.Lock()
    _stop: ClassVar[threading.Event] = threading.Event()

    def __init__(self) -> None:
        self.peak_mb = 0.0

    def __enter__(self) -> MemoryWatch:
        self._take(tree_mb())
        with self._lock:
            self._open.add(self)
            if len(self._open) == 1:
                MemoryWatch._stop = stop = threading.Event()
                threading.Thread(target=_sample, args=[stop], name=THREAD, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._take(tree_mb())
        with self._lock:
            self._open.discard(self)
            if not self._open:
                self._stop.set()

    def _take(self, sample: float) -> None:
        self.peak_mb = max(self.peak_mb, sample)


def tree_mb() -> float:
    """Resident memory of this process and all its descendants now, in 10^6 bytes."""
    import psutil

    own = psutil.Process()
    total = 0
    for process in [own, *own.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
            total += process.memory_info().rss
    return total / MEGABYTE


def _sample(stop: threading.Event) -> None:
    while not stop.wait(EVERY_S):
        sample = tree_mb()
        with MemoryWatch._lock:
            for watch in MemoryWatch._open:
                watch._take(sample)
