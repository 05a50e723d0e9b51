"""The lakehouse that others are compared with: made once for all workers of a test run."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from ecommerce_assets_tests.pipeline.shop import Shop
from ecommerce_assets_tests.pipeline.tables import Content, contents


@dataclass(frozen=True)
class Reference:
    """A lakehouse after one `ecommerce demo` on the simulated shop, and what was in it then."""

    shop: Shop
    output: str
    tables: dict[str, Content]
    files: list[Path]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """All months in one go. Tests read it; only the test of a second run adds to its ledger."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # what the workers share
    shop = Shop(base / "reference")
    note = base / "reference.json"
    with FileLock(base / "reference.lock"):
        if not note.exists():
            output = shop.ok("demo", "cosmetics")
            tables = contents(shop.warehouse)
            note.write_text(json.dumps({"output": output, "tables": tables}))
    saved = json.loads(note.read_text())
    tables = {name: Content(*content) for name, content in saved["tables"].items()}
    return Reference(shop, saved["output"], tables, shop.delivered())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty lakehouse on the simulated shop."""
    return Shop(tmp_path / "home")


@pytest.fixture
def landed(tmp_path: Path, reference: Reference) -> Shop:
    """An empty lakehouse whose landing folder holds the files of the reference."""
    shop = Shop(tmp_path / "home", {"ECOMMERCE_SOURCE": "files"})
    shop.land(reference.files)
    return shop
