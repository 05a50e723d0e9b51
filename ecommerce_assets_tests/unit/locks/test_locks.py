"""Each lock installs as it stands, without resolving: with any pip, on any day."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from importlib.metadata import Distribution
from pathlib import Path
from platform import python_version

import pytest
from packaging.requirements import Requirement

from ecommerce_assets_tests.unit.locks.closure import (
    PLATFORMS,
    faults,
    installed,
    read_lock,
)

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEV = "requirements-dev.txt"
#: Lock, what it is made for, and whose environment has the packages: ours, or one of its own.
EXTRAS: dict[str, tuple[str, ...]] = {
    "requirements.txt": (),
    "requirements/dashboard.txt": ("dashboard",),
    "requirements/demo.txt": ("demo",),
    "requirements/cloud.txt": ("gcp", "server", "dashboard", "stream"),
    DEV: ("dev",),
}
EMULATOR = "requirements/bigquery-emulator.txt"
OWN_ENVIRONMENTS = {
    "requirements/tools.txt": (ROOT / ".venv-tools", "3.11"),
    EMULATOR: (ROOT / ".venv-bigquery", "3.13"),
}
ALL = [*EXTRAS, *OWN_ENVIRONMENTS]


def own_packages(lock: str) -> Mapping[str, Distribution]:
    """The packages that `lock` was installed from; skips where it was not, but for CI."""
    if lock in EXTRAS:
        return installed(None)
    folder, python = OWN_ENVIRONMENTS[lock]
    packages = folder / "lib" / f"python{python}" / "site-packages"
    if not packages.exists() and not os.environ.get("CI"):
        pytest.skip(f"{folder.name} is not installed")
    return installed(packages)


def roots(lock: str) -> list[Requirement]:
    """What the environment of `lock` is made for."""
    if lock in EXTRAS:
        texts = list(PROJECT["dependencies"])
        waiting = list(EXTRAS[lock])
        while waiting:
            for text in PROJECT["optional-dependencies"][waiting.pop()]:
                wanted = Requirement(text)
                if wanted.name == PROJECT["name"]:
                    waiting.extend(wanted.extras)
                else:
                    texts.append(text)
    else:
        lines = Path(ROOT / lock).with_suffix(".in").read_text(encoding="utf-8").splitlines()
        texts = [line for line in lines if line and not line.startswith("#")]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", ALL)
def test_a_lock_pins_plain_names_once_each_with_hashes(lock: str) -> None:
    pins = read_lock(ROOT / lock)
    assert len(pins) > 20
    assert [pin.text for pin in pins if pin.requirement.extras] == []
    assert [pin.text for pin in pins if not pin.version] == []
    names = [(pin.requirement.name, str(pin.requirement.marker)) for pin in pins]
    assert sorted(set(names)) == sorted(names)
    blocks = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    assert [
        line.split()[0] for line in blocks if line.strip() and "--hash=sha256:" not in line
    ] == []
    assert not any("://" in line for line in blocks), "a lock names no address"


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: "-".join(list(p.values())[1:]))
@pytest.mark.parametrize("lock", ALL)
def test_a_lock_holds_all_that_its_packages_ask_for(lock: str, platform: Mapping[str, str]) -> None:
    packages = own_packages(lock)
    python = f"{OWN_ENVIRONMENTS[lock][1]}.99" if lock == EMULATOR else python_version()
    wanted = [
        each
        for each in roots(lock)
        if each.marker is None or each.marker.evaluate({**platform, "extra": ""})
    ]
    assert list(faults(read_lock(ROOT / lock), wanted, packages, platform, python)) == []


def test_every_lock_agrees_with_that_of_development() -> None:
    versions = {pin.requirement.name: pin.version for pin in read_lock(ROOT / DEV)}
    for lock in EXTRAS:
        others = {pin.requirement.name: pin.version for pin in read_lock(ROOT / lock)}
        apart = {n: v for n, v in others.items() if n in versions and versions[n] != v}
        assert apart == {}, f"{lock}: make lock"


def test_a_lock_without_a_package_that_is_asked_for_is_found_out() -> None:
    pins = [p for p in read_lock(ROOT / "requirements.txt") if p.requirement.name != "click"]
    found = list(
        faults(pins, roots("requirements.txt"), installed(None), PLATFORMS[0], python_version())
    )
    assert any("needs click" in each and "not locked" in each for each in found)
