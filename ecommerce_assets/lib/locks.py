"""One process at a time.

Belongs here: waiting for a lock that ends with its process. Stays out: what is done meanwhile, and
the lock of a fetch, which nobody waits for (`lib/sources/work_folder.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes of this host, and other threads, out for the block.

    A killed process lets go by itself, and the next one takes away the file that it left.

    Args:
        path: a file for the lock alone, in whatever folder; it is made, and removed at the end.

    Raises:
        OSError: the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path):
        try:
            yield
        finally:
            # Safe while the lock is held: who waited on this file sees that its name is gone.
            path.unlink(missing_ok=True)
