"""What a lock has to hold: everything that its roots ask for, directly or through others.

Belongs here: reading locks, and walking from the roots through the metadata of installed packages.
Stays out: what is right (`test_locks.py`). Metadata of this platform's packages stands for all
platforms: what only another platform installs has to be locked, but is not walked through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

#: Platforms on which the project is installed, as markers see them.
PLATFORMS: tuple[Mapping[str, str], ...] = (
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
)


@dataclass(frozen=True)
class Pin:
    """A line of a lock: `text` is what stands before the hashes."""

    text: str
    requirement: Requirement

    @property
    def version(self) -> str:
        """The pinned version; empty where the line pins none."""
        pinned = [each for each in self.requirement.specifier if each.operator == "=="]
        return pinned[0].version if len(self.requirement.specifier) == len(pinned) == 1 else ""


def read_lock(path: Path) -> list[Pin]:
    """The pins of a lock, in its order."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    texts = [line.split(" --hash")[0].strip() for line in lines if re.match(r"[A-Za-z0-9]", line)]
    return [Pin(text, Requirement(text)) for text in texts]


@cache
def installed(folder: Path | None) -> dict[str, Distribution]:
    """The packages of a virtual environment by canonical name; None: of this environment."""
    found = distributions(path=[str(folder)]) if folder else distributions()
    return {canonicalize_name(each.metadata["Name"]): each for each in found}


def faults(
    pins: Iterable[Pin],
    roots: Iterable[Requirement],
    packages: Mapping[str, Distribution],
    platform: Mapping[str, str],
    python: str,
) -> Iterator[str]:
    """What is asked for and not pinned, or pinned at a version that was not asked for.

    Args:
        pins: the lock.
        roots: what the environment is made for.
        packages: metadata, by canonical name.
        platform: values of markers.
        python: `3.11.7`.
    """
    minor = ".".join(python.split(".")[:2])
    markers = {**platform, "python_version": minor, "python_full_version": python}
    locked = {
        canonicalize_name(pin.requirement.name): pin
        for pin in pins
        if not pin.requirement.marker or pin.requirement.marker.evaluate({**markers, "extra": ""})
    }
    waiting = [(each, "the project") for each in roots]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted, asked_by = waiting.pop()
        name = canonicalize_name(wanted.name)
        pin = locked.get(name)
        if pin is None:
            yield f"{asked_by} needs {wanted}, which is not locked"
            continue
        if not wanted.specifier.contains(pin.version, prereleases=True):
            yield f"{asked_by} needs {wanted}, locked is {pin.text}"
        if name not in packages:
            continue
        if packages[name].version != pin.version:
            yield f"{pin.text} is locked, {packages[name].version} is installed: install again"
            continue
        for extra in ["", *sorted(wanted.extras)]:
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in packages[name].requires or []:
                further = Requirement(text)
                applies = further.marker is None or further.marker.evaluate(
                    {**markers, "extra": extra}
                )
                if applies and not (extra and further.marker is None):
                    waiting.append((further, f"{name}[{extra}]" if extra else name))
