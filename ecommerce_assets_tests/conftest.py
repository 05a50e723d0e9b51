"""What holds for all tests: unit tests start nothing, and the complete suites are asked for.

`ECOMMERCE_FULL_TESTS=1` runs the complete form of the suites that are reduced otherwise. A test
under `unit/` that starts a process, dbt or Dagster's machinery is refused before anything runs.
"""

from __future__ import annotations

import ast
import os
import signal
from pathlib import Path

import pytest

UNIT = Path(__file__).with_name("unit")
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
