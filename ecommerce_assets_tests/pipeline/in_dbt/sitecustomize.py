"""Loaded by Python itself when this folder is on the path: kills dbt at an SQL statement.

dbt sends a microbatch's `delete` and `insert` as one text. Where the pattern is found at an
`insert` behind a `delete`, the `delete` is run first and the process dies between the two.
"""

import os
import re
import signal
import sys
from typing import Any


def _install(mode: str, pattern: re.Pattern[str], times: int) -> None:
    from dbt.adapters.duckdb.environments import local

    original = local.DuckDBCursorWrapper.execute
    left = [times]

    def execute(self: Any, sql: str, bindings: Any = None) -> Any:
        found = pattern.search(sql)
        if found:
            left[0] -= 1
            if left[0] == 0:
                before = sql[: found.start()]
                if "delete from" in before:
                    original(self, before)
                if mode == "group":
                    os.killpg(os.getpgid(0), signal.SIGKILL)
                os.kill(os.getppid(), signal.SIGKILL)  # dbt goes on alone
        return original(self, sql, bindings)

    local.DuckDBCursorWrapper.execute = execute


if "KILL_PATTERN" in os.environ and os.path.basename(sys.orig_argv[1]) == "ecommerce-dbt":  # noqa: PTH119
    _install(
        os.environ["KILL_MODE"],
        re.compile(os.environ["KILL_PATTERN"], re.IGNORECASE | re.DOTALL),
        int(os.environ["KILL_TIMES"]),
    )
