"""The lakehouse that others are compared with: made once for all workers of a test run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecommerce_assets_tests.once import made_once
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
    folder = made_once(tmp_path_factory, "reference", _make_reference)
    shop = Shop(folder / "home")
    saved = json.loads((folder / "found.json").read_text())
    tables = {name: Content(*content) for name, content in saved["tables"].items()}
    return Reference(shop, saved["output"], tables, shop.delivered())


def _make_reference(folder: Path) -> None:
    shop = Shop(folder / "home")
    output = shop.ok("demo", "cosmetics")
    found = {"output": output, "tables": contents(shop.warehouse)}
    (folder / "found.json").write_text(json.dumps(found))


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
