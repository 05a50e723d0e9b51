"""Making a file on this machine so that nobody ever sees half of it.

Belongs here: the hidden work folder of a fetch, the final rename, and watching a file grow.
Stays out: where bytes come from and whether they are right.
"""

import hashlib
import logging
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ecommerce_assets.lib.disk import sync
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.sources.protocol import Progress

logger = logging.getLogger(__name__)

_LOCK = ".lock"


@contextmanager
def work_folder(folder: Path, name: str, version: str) -> Iterator[Path]:
    """Yield a hidden folder inside `folder` in which one process at a time makes `name`.

    It is the same folder for the same name and version, so a later process finds what a killed
    one left and can go on from there. It disappears after success; after a failure it stays if
    there is something in it to go on from. What other versions left behind is cleared away.

    Raises:
        TransientFailure: Another process is fetching the same file into the same folder now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(version.encode()).hexdigest()[:12]
    work = folder / f".{name}.{key}.fetch"
    for other in folder.glob(f".{name}.*.fetch"):
        if other != work:
            _clear_unless_in_use(other)
    work.mkdir(exist_ok=True)
    try:
        lock = FileLock(work / _LOCK).acquire(blocking=False)
    except Timeout:
        raise TransientFailure(
            f"another process is fetching {name} into {folder} at this moment",
            "let it finish, or stop it; then start this step again",
        ) from None
    with lock:  # the system gives it back even if this process is killed
        try:
            yield work
        except BaseException:
            if [entry.name for entry in work.iterdir()] == [_LOCK]:
                shutil.rmtree(work, ignore_errors=True)
            raise
        shutil.rmtree(work, ignore_errors=True)


def publish(made: Path, final: Path) -> Path:
    """Put a finished file under its final name in one step that survives a power cut.

    Returns:
        `final`, for the caller to hand on.
    """
    with made.open("rb+") as handle:
        os.fsync(handle.fileno())
    made.replace(final)
    if sys.platform != "win32":
        # The rename itself is an entry of the folder, which has to reach the disk too.
        sync(final.parent)
    return final


class GrowthWatch:
    """Reports a growing file's size to a `Progress` while the `with` block runs.

    For clients that offer no hook of their own. A callback that raises is reported once in the
    log and not called again: a broken progress bar must not break a download.

    Attributes:
        total: Bytes expected in all; set it as soon as it is known.
    """

    def __init__(self, path: Path, progress: Progress | None, every_s: float) -> None:
        self.total: int | None = None
        self._path = path
        self._progress = progress
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fetch-progress", daemon=True)

    def __enter__(self) -> "GrowthWatch":
        if self._progress is not None:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread.ident is not None:
            self._done.set()
            self._thread.join()
            self._report()

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            self._report()

    def _report(self) -> None:
        if self._progress is None or not self._path.exists():
            return
        try:
            self._progress(self._path.stat().st_size, self.total)
        except Exception:
            logger.warning("the progress callback failed and is not called again", exc_info=True)
            self._progress = None


def _clear_unless_in_use(work: Path) -> None:
    with suppress(OSError), FileLock(work / _LOCK).acquire(blocking=False):
        shutil.rmtree(work)
