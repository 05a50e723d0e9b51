"""Letting others of the machine read what is the owner's alone otherwise.

Belongs here: the readers' copy and the way to it. Stays out: making files private
(`cli/frame.py`).
"""

from __future__ import annotations

import grp
import os
from pathlib import Path

from ecommerce_assets.lib.failures import PermanentFailure


def share_copy(path: Path, group: str | None) -> None:
    """Let a group of the system read the copy, and pass through its folder; None: its owner alone.

    Raises:
        PermanentFailure: there is no such group, or its owner is not in it.
    """
    if group is None:
        return
    try:
        number = grp.getgrnam(group).gr_gid
        for each, mode in ((path.parent, 0o710), (path, 0o440)):
            os.chown(each, -1, number)
            each.chmod(mode)
    except (KeyError, PermissionError) as error:
        raise PermanentFailure(
            f"{path} cannot be shared with the group {group!r} ({type(error).__name__})",
            "set ECOMMERCE_SHARE_WITH_GROUP to a group of this machine that this user is in",
        ) from error
