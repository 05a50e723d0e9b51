"""The command line with one point at which its process is killed with SIGKILL, as it would be by
the kernel: no handler, no `finally`, nothing flushed.

Called as `python kill_driver.py <point> <arguments of ecommerce>`. A point is a name below with an
optional `@n` for the n-th time it is passed; or `dbt:<mode>:<pattern>` with `<mode>` `group` or
`parent`, which kills once dbt is about to run an SQL statement that the pattern is found in.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.ingest.judge import Judge
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.warehouse import duckdb as warehouse
from ecommerce_assets.lib.warehouse import duckdb_copy


class Countdown:
    """Kills the process when it is called for the n-th time."""

    def __init__(self, times: int) -> None:
        self._left = times

    def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def in_copy(die: Countdown) -> None:
    """While DuckDB writes the month's Parquet: a function of the query itself kills."""
    original = Judge.copy_accepted

    def copy_accepted(self: Any, target: Path, footer: dict[str, str], **options: Any) -> int:
        def kept(_: str) -> bool:
            die()
            return True

        self._db.create_function("kept_until_killed", kept, ["VARCHAR"], "BOOLEAN")
        accepted = rules.accepted
        rules.accepted = lambda *given: f"{accepted(*given)} and kept_until_killed(event_time)"
        try:
            return original(self, target, footer, **options)
        finally:
            rules.accepted = accepted

    Judge.copy_accepted = copy_accepted  # type: ignore[method-assign]


def after_quarantine(die: Countdown) -> None:
    """Between the publication of the quarantine and of the Parquet."""
    _after(Quarantine, "publish", lambda *_: die())


def after_parquet(die: Countdown) -> None:
    """Right after the Parquet took its name, before the ledger hears of it."""
    _after(Lake, "publish", lambda _, path, key: die() if key.endswith("/events.parquet") else None)


def after_file(die: Countdown) -> None:
    """Right after the source's file took its name, before its note is written."""
    _after(Lake, "publish", lambda _, path, key: die() if key.endswith(".csv.zip") else None)


def before_commit(die: Countdown) -> None:
    """In the warehouse, between `create view` and `commit`."""
    original = warehouse.DuckDBWarehouse.connect

    class Connection:
        def __init__(self, real: Any) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def execute(self, sql: str, *more: Any) -> Any:
            if sql == "commit":
                die()
            return self._real.execute(sql, *more)

    @contextmanager
    def connect(self: Any, **options: Any) -> Iterator[Any]:
        with original(self, **options) as connection:
            yield Connection(connection)

    warehouse.DuckDBWarehouse.connect = connect  # type: ignore[method-assign, assignment]


def in_publish_copy(die: Countdown) -> None:
    """With half of the warehouse copied for the readers."""

    def copyfile(source: Path, target: Path) -> None:
        content = Path(source).read_bytes()
        Path(target).write_bytes(content[: len(content) // 2])
        die()
        Path(target).write_bytes(content)

    shim = type(shutil)("shutil")
    shim.__dict__.update(shutil.__dict__)
    shim.copyfile = copyfile  # type: ignore[attr-defined]
    duckdb_copy.shutil = shim


def in_replay(die: Countdown) -> None:
    """In a replay, between the publication of the quarantine and of the Parquet."""
    after_quarantine(die)


def in_dbt(mode: str, pattern: str, times: str) -> None:
    """Hand the point on to the dbt process, which loads `in_dbt/sitecustomize.py` by its path."""
    in_dbt_folder = str(Path(__file__).with_name("in_dbt"))
    os.environ["PYTHONPATH"] = os.pathsep.join([in_dbt_folder, os.environ.get("PYTHONPATH", "")])
    os.environ["KILL_MODE"], os.environ["KILL_PATTERN"] = mode, pattern
    os.environ["KILL_TIMES"] = times


def _after(owner: type, name: str, then: Callable[..., object]) -> None:
    original = getattr(owner, name)

    def wrapper(*given: Any, **named: Any) -> Any:
        result = original(*given, **named)
        then(*given)
        return result

    setattr(owner, name, wrapper)


POINTS: dict[str, Callable[[Countdown], None]] = {
    "in_copy": in_copy,
    "after_quarantine": after_quarantine,
    "after_parquet": after_parquet,
    "after_file": after_file,
    "before_commit": before_commit,
    "in_publish_copy": in_publish_copy,
    "in_replay": in_replay,
}


def main() -> None:
    """Set the point and run the command line."""
    point, _, times = sys.argv.pop(1).partition("@")
    if point.startswith("dbt:"):
        _, mode, pattern = point.split(":", 2)
        in_dbt(mode, pattern, times or "1")
    else:
        POINTS[point](Countdown(int(times or 1)))
    from ecommerce_assets.cli.app import app

    app()


if __name__ == "__main__":
    main()
