"""One process at a time holds a lock, and a killed one does not keep it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
from filelock import FileLock, Timeout

from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.locks import alone
from ecommerce_assets.lib.sources.work_folder import work_folder
from ecommerce_assets_tests.support.builders import finish, start_python

#: Adds 1 to the number in `argv[2]` fifty times, under the lock `argv[1]`.
COUNT = """
import sys
from pathlib import Path
from ecommerce_assets.lib.locks import alone
lock, number = map(Path, sys.argv[1:])
for _ in range(50):
    with alone(lock):
        number.write_text(str(int(number.read_text()) + 1))
"""
#: Holds the lock `argv[1]` until it is killed.
HOLD = """
import sys
from pathlib import Path
from ecommerce_assets.lib.locks import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
#: Makes `data.csv` in the folder `argv[1]` until it is killed.
FETCH = """
import sys
from pathlib import Path
from ecommerce_assets.lib.sources.work_folder import work_folder
with work_folder(Path(sys.argv[1]), "data.csv", "1") as work:
    (work / "part").write_text("half")
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holding(script: str, path: Path) -> Iterator[Popen[str]]:
    """A process that holds a lock, and is killed at the end at the latest."""
    process = start_python(script, path, stdin=True)
    try:
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_processes_take_turns_and_leave_nothing(tmp_path: Path) -> None:
    lock, number = tmp_path / "locks" / "a.lock", tmp_path / "number"
    number.write_text("0")
    for process in [start_python(COUNT, lock, number) for _ in range(4)]:
        finish(process)
    assert number.read_text() == "200"
    assert list(lock.parent.iterdir()) == []


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    with holding(HOLD, lock) as process:
        with pytest.raises(Timeout):
            FileLock(lock).acquire(blocking=False)
        process.kill()
        with alone(lock):
            assert lock.exists()
    assert not lock.exists(), "what the killed process left is gone too"


def test_a_second_fetch_of_a_file_is_refused_while_the_first_one_lives(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    with holding(FETCH, inbox) as process:
        with (
            pytest.raises(TransientFailure, match=r"another process is fetching data\.csv"),
            work_folder(inbox, "data.csv", "1"),
        ):
            pytest.fail("two are in one folder")
        with work_folder(inbox, "data.csv", "2"):
            pass  # clears other versions away, but not one that is in use
        process.kill()
        process.wait()
        with work_folder(inbox, "data.csv", "1") as work:
            assert (work / "part").read_text() == "half"
    assert list(inbox.iterdir()) == []
