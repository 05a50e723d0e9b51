"""Keeping a simulated shop's truth beside its data, as one JSON file.

What belongs here: writing it in one step, reading it with the file's name in the message.
What stays out: what a truth says.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from ecommerce_assets.simulation.delivery import replacing

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")


def write_truth(truth: DataclassInstance, target: Path) -> Path:
    """Write a truth as JSON, replacing the file in one step; the path it wrote.

    Equal truths give equal bytes: sorted and indented, with a line feed at the end.
    """
    text = json.dumps(asdict(truth), indent=2, sort_keys=True) + "\n"
    with replacing(target) as stream:
        stream.write(text.encode())
    return target


def read_truth(path: Path, kind: type[T]) -> T | None:
    """The truth in a file; None if there is none.

    Args:
        path: what `write_truth` wrote.
        kind: the dataclass of the truth.

    Raises:
        ValueError: the file holds something else; the message names it.
    """
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    try:
        truth = TypeAdapter(kind).validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        why = ": ".join([*map(str, first["loc"]), first["msg"]])
        raise ValueError(_other(path, why)) from error
    # Pydantic overlooks what a dataclass has no field for: a truth of another release.
    if json.loads(text) != json.loads(json.dumps(asdict(truth))):
        raise ValueError(_other(path, "it has other fields"))
    return truth


def _other(path: Path, why: str) -> str:
    return f"{path}: not the truth of a simulated shop ({why}); simulate the file again"
