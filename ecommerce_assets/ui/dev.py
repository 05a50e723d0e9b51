"""`dagster dev` whose webserver is the guarded one: `python -m ecommerce_assets.ui.dev [options]`.

Belongs here: which webserver it starts. Stays out: all else that `dagster dev` does: code server,
daemon, signals.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

PLAIN, GUARDED, DAEMON = "dagster_webserver", "ecommerce_assets.ui.webserver", "dagster._daemon"


def guarded(command: Sequence[str]) -> list[str]:
    """The command of a process that `dagster dev` starts, with the guard in front of its pages.

    Raises:
        RuntimeError: it is neither of the two processes that are known.
    """
    python, option, module, *rest = command
    if option != "-m" or module not in (PLAIN, DAEMON):
        raise RuntimeError(
            f"this version of Dagster starts {' '.join(command[:3])}, which is not known to be "
            "guarded: install the version that the requirements name"
        )
    return [python, option, GUARDED if module == PLAIN else module, *rest]


def main() -> None:
    """Serve the UI and run the daemon until a signal ends both."""
    dev: Any = importlib.import_module("dagster._cli.dev")
    start = dev.open_ipc_subprocess

    def start_guarded(parts: Sequence[str], **options: Any) -> Any:
        return start(guarded(parts), **options)

    dev.open_ipc_subprocess = start_guarded
    dev.dev_command()


if __name__ == "__main__":
    main()
