"""What holds for all tests: quick ones are quick, and the complete suites are asked for.

`ECOMMERCE_FULL_TESTS=1` runs the complete form of the suites that are reduced otherwise. A test
under `unit/` that starts a process, dbt or Dagster's machinery is refused before anything runs, and
one that takes longer than `LONGEST_UNIT_TEST_S` fails.
"""

from __future__ import annotations

import ast
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

UNIT = Path(__file__).with_name("unit")
LONGEST_UNIT_TEST_S = 2.0
#: A test that waits is slow, too; the machine may be busy, so there is more room.
LONGEST_UNIT_WAIT_S = 10.0
NOT_IN_UNIT = ("subprocess", "multiprocessing", "dbt", "dagster_dbt", "playwright")


def pytest_configure(config: pytest.Config) -> None:
    """Let Dagster's servers, which tests start and stop, hear SIGTERM even in a background job.

    A shell's background jobs ignore SIGINT, and Dagster treats SIGTERM as it treats SIGINT.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave complete suites out unless asked, and refuse slow machinery in unit tests."""
    skip = pytest.mark.skip(reason="complete suite: make test-full (ECOMMERCE_FULL_TESTS=1)")
    for item in items:
        if item.get_closest_marker("full") and os.environ.get("ECOMMERCE_FULL_TESTS") != "1":
            item.add_marker(skip)
    slow = {
        f"{path.relative_to(UNIT.parent)} imports {name}"
        for path in {item.path for item in items if UNIT in item.path.parents}
        for name in imports(path) & set(NOT_IN_UNIT)
    }
    if slow:
        raise pytest.UsageError(
            "unit tests do without processes and dbt; move these to integration/: "
            + ", ".join(sorted(slow))
        )


def imports(path: Path) -> set[str]:
    """The top-level packages that a module imports, at whatever depth."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a unit test that is slow: work is measured as processor time, whoever else works."""
    started, before = time.monotonic(), os.times()
    result = yield
    if UNIT in item.path.parents:
        work = sum(os.times()[:4]) - sum(before[:4])
        waited = time.monotonic() - started
        if work > LONGEST_UNIT_TEST_S or waited > LONGEST_UNIT_WAIT_S:
            pytest.fail(
                f"a unit test took {work:.1f} s of work in {waited:.1f} s; at most "
                f"{LONGEST_UNIT_TEST_S:g} s: make it smaller, or move it to integration/",
                pytrace=False,
            )
    return result
