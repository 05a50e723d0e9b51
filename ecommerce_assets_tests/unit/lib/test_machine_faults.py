"""A full disk, a closed folder or a limit is known again, in whatever words a library says it."""

from __future__ import annotations

import errno
import sqlite3

import duckdb
import pyarrow as pa
import pytest

from ecommerce_assets.lib.failures import CURE, LakehouseError, PermanentFailure
from ecommerce_assets.lib.machine_faults import explained, explained_text

HOME = "/somewhere/home"
FULL, CLOSED, LIMIT = "no space is left on the disk of", "cannot be written", "may not grow"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), f"{FULL} /data/x"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), f"{FULL} {HOME}"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), f"/data/x {CLOSED}"),
        (OSError(errno.EROFS, "Read-only file system", "/data/x"), f"/data/x {CLOSED}"),
        (OSError(errno.EFBIG, "File too large"), LIMIT),
        (sqlite3.OperationalError("database or disk is full"), f"{FULL} {HOME}"),
        (sqlite3.OperationalError("attempt to write a readonly database"), CLOSED),
        (sqlite3.OperationalError("unable to open database file"), CLOSED),
        (sqlite3.OperationalError("disk I/O error"), "does not take what is written"),
        (
            duckdb.IOException('IO Error: Could not write file "/data/w": No space left on device'),
            f"{FULL} /data/w",
        ),
        (pa.ArrowInvalid("[Errno 28] Error writing bytes to file"), FULL),
        (MemoryError(), "no memory left"),
    ],
)
def test_a_fault_of_the_machine_is_two_sentences(error: Exception, words: str) -> None:
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = error
    for each in (error, wrapped):
        failure = explained(each, HOME)
        assert isinstance(failure, PermanentFailure)
        assert words in failure.message and failure.cure


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("y"), OSError(errno.ECONNRESET, "reset"), RuntimeError("")]
)
def test_other_errors_are_not_blamed_on_the_machine(error: Exception) -> None:
    assert explained(error, HOME) is None


def test_a_failure_that_has_its_sentences_keeps_them() -> None:
    failure = LakehouseError("the file is empty", "fetch it again")
    assert explained(failure, HOME) is failure
    assert explained_text("dbt: No space left on device", HOME) is not None
    assert CURE in str(explained_text("dbt: No space left on device", HOME))
