"""The folders that commands, runs and the UI share: the home, and Dagster's inside it.

Belongs here: making them, and whose they are. Stays out: what lies in them.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from ecommerce_assets.lib.text.console import console
from ecommerce_assets.settings import Settings, load_settings

#: What files and folders do without: everything for the group and for others.
PRIVATE = 0o077
DAGSTER_YAML = Path(__file__).parents[2] / "dagster.yaml"


def private_home(home: Path) -> None:
    """Make the home of the lakehouse, for its owner alone; an open one is closed.

    A home that is shared with a group (ECOMMERCE_SHARE_WITH_GROUP) may be passed through by it.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    status = home.stat()
    open_to = stat.S_IMODE(status.st_mode) & PRIVATE
    shared = 0o010 if load_settings().share_with_group else 0
    if status.st_uid == os.getuid() and open_to & ~shared:
        home.chmod(stat.S_IMODE(status.st_mode) & ~PRIVATE | shared)
        console.print(f"{home} was open to other users; it is its owner's alone now.")


def prepare_dagster_home(settings: Settings) -> Path:
    """Make Dagster's folder with the project's settings; every command and the UI share it."""
    private_home(settings.home)
    home = Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home)
    home.mkdir(parents=True, exist_ok=True)
    target = home / "dagster.yaml"
    if DAGSTER_YAML.exists() and not (
        target.exists() and target.read_bytes() == DAGSTER_YAML.read_bytes()
    ):
        shutil.copyfile(DAGSTER_YAML, target)
    os.environ["DAGSTER_HOME"] = str(home)
    return home
