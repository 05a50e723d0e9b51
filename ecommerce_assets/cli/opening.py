"""Opening Dagster for a command: its instance, the code location, and what killed runs left.

Belongs here: what stands before the first run of a command. Stays out: the runs
(`running/runner.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from ecommerce_assets.lib.locks import alone
from ecommerce_assets.running.runner import Opened, Runner, logger
from ecommerce_assets.runs.home import prepare_dagster_home
from ecommerce_assets.runs.processes import Say, close_orphans, end_left_processes
from ecommerce_assets.settings import Settings


def open_runner(settings: Settings, say: Say = logger.warning) -> Runner:
    """The runner of a command, once the runs of killed processes are closed.

    Args:
        settings: the environment.
        say: told what a run waits for, and of processes that a killed run left behind.
    """
    prepare_dagster_home(settings)
    from ecommerce_assets.definitions import defs  # reads the home that was just made

    home = Path(os.environ["DAGSTER_HOME"])
    with alone(home / ".opening"):  # two that make Dagster's tables at once would fail
        instance = dg.DagsterInstance.get()
    job = defs().resolve_implicit_global_asset_job_def()
    end_left_processes(settings.home, say)
    close_orphans(instance)
    return Runner(settings, Opened(instance, job, log=home / "logs" / "command.log"), say)
