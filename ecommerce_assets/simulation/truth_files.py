"""Keeping a simulated shop's truth beside its data, as one JSON file.

What belongs here: writing it in one step, reading it with the file's name in the message.
What stays out: what a truth says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ecommerce_assets.simulation.delivery import replacing

T = TypeVar("T")


def write_truth(text: str, target: Path) -> Path:
    """Write a truth's JSON, replacing the file in one step; the path it wrote."""
    with replacing(target) as stream:
        stream.write(text.encode())
    return target


def read_truth(path: Path, parse: Callable[[str], T]) -> T | None:
    """The truth in a file; None if there is none.

    Raises:
        ValueError: if the file is no truth; the message names it.
    """
    if not path.exists():
        return None
    try:
        return parse(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
