"""What several workers of a test run need, and one of them makes.

Belongs here: where it lies, and that it is made once. Stays out: what is made.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker who asks for it fills; nobody changes it afterwards.

    Args:
        factory: knows the folder that the workers of this run share.
        name: of the folder.
        make: fills it; if it fails, the next worker begins again.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # what the workers share
    folder, made = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder
