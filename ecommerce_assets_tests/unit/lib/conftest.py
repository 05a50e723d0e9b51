"""What the tests of the shared layer have in common."""

from __future__ import annotations

from pathlib import Path

import pytest

from ecommerce_assets_tests.support.builders import csv, lake_files, lines, load


@pytest.fixture
def loaded(tmp_path: Path) -> dict[str, bytes]:
    """A lake with October in it; gives its files, to compare with later."""
    load(tmp_path, csv([*lines(20), "junk"]))
    return lake_files(tmp_path)
