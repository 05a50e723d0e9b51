"""A domain is named in its own folders and nowhere else, documentation apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecommerce_assets.domains.registry import DOMAINS

ROOT = Path(__file__).parents[2]
PACKAGES = ("ecommerce_assets", "ecommerce_dashboard", "ecommerce_dbt")
#: What programs leave in the folders.
LEFT = {"__pycache__", "target", "logs"}


def files() -> Iterator[Path]:
    """Every file of the three packages that is not documentation."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            below = path.relative_to(ROOT)
            written = path.is_file() and path.suffix != ".md" and not path.name.startswith(".")
            if written and not LEFT & set(below.parts):
                yield below


def is_of(path: Path, domain: str) -> bool:
    """Whether a file lies in a folder of a domain, or is called after it."""
    return domain in path.parent.parts or path.name.startswith(f"{domain}_")


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_file_outside_its_folders_names_a_domain(domain: str) -> None:
    name = re.compile(rf"(?<![a-z]){domain}(?![a-z])", re.IGNORECASE)
    own = [path for path in files() if is_of(path, domain)]
    others = [path for path in files() if not is_of(path, domain)]
    assert len(own) > 10 and len(others) > 100
    assert any(name.search((ROOT / path).read_text(encoding="utf-8")) for path in own)
    naming = [path for path in others if name.search((ROOT / path).read_text(encoding="utf-8"))]
    assert [path.as_posix() for path in naming] == []
