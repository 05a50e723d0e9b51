"""How a simulated source hands over a file: plain or zipped, whole or not at all.

What belongs here: writing bytes to a target that is a CSV or a zip with one member, so that
the same content gives the same bytes, and a reader never sees half a file.
What stays out: what the content means.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

# Fast is better than small here: a month is read once or twice and then thrown away.
_COMPRESSION_LEVEL: Final = 1


def deliver(chunks: Iterable[bytes | memoryview], target: Path, *, member: str) -> None:
    """Write the chunks to `target`, replacing it in one step.

    Args:
        chunks: the content, in order.
        target: a path ending in `.zip` becomes an archive with one deflated member whose
            timestamp is fixed; any other path gets the content as it is. Missing folders
            are created.
        member: the name inside the archive.

    Raises:
        OSError: if the target's folder can't be written; no partial file stays behind.
    """
    with replacing(target) as whole:
        if target.suffix != ".zip":
            _pump(chunks, whole)
            return
        # A member opened by name carries 1980-01-01 as its time, whatever the clock says.
        with (
            zipfile.ZipFile(
                whole, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION_LEVEL
            ) as archive,
            archive.open(member, "w", force_zip64=True) as part,
        ):
            _pump(chunks, part)


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """Open a temporary neighbour of `target` and move it over the target on success."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        part.chmod(0o644)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _pump(chunks: Iterable[bytes | memoryview], sink: IO[bytes]) -> None:
    """Write each chunk while the next one is made; at most two are in memory."""
    with ThreadPoolExecutor(max_workers=1) as writer:
        pending: Future[int] | None = None
        for chunk in chunks:
            if pending is not None:
                pending.result()
            pending = writer.submit(sink.write, chunk)
        if pending is not None:
            pending.result()
