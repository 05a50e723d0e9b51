"""Faults of the machine in two sentences: a full disk, a folder that cannot be written, no memory.

Belongs here: recognising them, whichever of a dozen libraries met them and in whatever words. Stays
out: failures that have two sentences already.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator

from ecommerce_assets.lib.failures import LakehouseError, PermanentFailure

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS)
#: What SQLite, DuckDB, Arrow, dbt and the system itself say of a disk that takes nothing more.
_SAYS_FULL = re.compile(
    r"no space left on device|disk is full|disk quota exceeded|\[errno 28\]|errno: 28\b|"
    r"database or disk is full|not enough space|out of disk space",
    re.IGNORECASE,
)
_SAYS_LIMIT = re.compile(r"file too large|\[errno 27\]|errno: 27\b", re.IGNORECASE)
_SAYS_CLOSED = re.compile(
    r"read-only file system|permission denied|readonly database|unable to open database file|"
    r"\[errno (?:1|13|30)\]|attempt to write a readonly",
    re.IGNORECASE,
)
#: SQLite says no more than this where a disk is full, read-only or broken.
_SAYS_BROKEN = re.compile(r"disk i/o error|input/output error|\[errno 5\]", re.IGNORECASE)
_SAYS_MEMORY = re.compile(r"cannot allocate memory|\[errno 12\]", re.IGNORECASE)
_PATH = re.compile(r"""["'`](/[^"'`\n]+)["'`]""")


def explained(error: BaseException, home: str) -> LakehouseError | None:
    """The two sentences of a fault of the machine; None where it is another one.

    Args:
        error: with all that caused it.
        home: the folder to name where the error names none.
    """
    for each in _chain(error):
        if isinstance(each, LakehouseError):
            return each
        if isinstance(each, OSError) and each.errno is not None:
            place = str(each.filename) if each.filename else home
            if each.errno in _FULL:
                return _full(place)
            if each.errno in _CLOSED:
                return _closed(place, os.strerror(each.errno))
            if each.errno == errno.EFBIG:
                return _limited(place)
        if isinstance(each, MemoryError):
            return _no_memory()
    for each in _chain(error):
        if failure := explained_text(str(each), home):
            return failure
    return None


def explained_text(text: str, home: str) -> LakehouseError | None:
    """The same for what is left of an error as text, for instance by a process that met it."""
    named = _PATH.search(text)
    place = named[1] if named else home
    if _SAYS_FULL.search(text):
        return _full(place)
    if _SAYS_LIMIT.search(text):
        return _limited(place)
    if said := _SAYS_CLOSED.search(text):
        return _closed(place, said[0].strip("[]"))
    if _SAYS_BROKEN.search(text):
        return PermanentFailure(
            f"the disk of {place} does not take what is written (full, read-only or damaged)",
            "see what the system says of that disk, then run the same command again",
        )
    if _SAYS_MEMORY.search(text):
        return _no_memory()
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it, the first cause last."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        before = None if each.__suppress_context__ else each.__context__
        left += [before, each.__cause__, getattr(each, "orig", None)]


def _full(place: str) -> PermanentFailure:
    return PermanentFailure(
        f"no space is left on the disk of {place}",
        "free some space there, then run the same command again: what was there before is unharmed",
    )


def _limited(place: str) -> PermanentFailure:
    return PermanentFailure(
        f"{place} may not grow any larger: a limit on the size of files is set",
        "raise the limit (ulimit -f, or that of the service), then run the same command again",
    )


def _closed(place: str, why: str) -> PermanentFailure:
    return PermanentFailure(
        f"{place} cannot be written ({why})",
        "let this user write there, or set ECOMMERCE_HOME to a folder that may be written",
    )


def _no_memory() -> PermanentFailure:
    return PermanentFailure(
        "the machine has no memory left",
        "close other programs, or set ECOMMERCE_MEMORY_LIMIT lower; then run the same command "
        "again",
    )
