from __future__ import annotations

import json
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.definitions import defs


@pytest.fixture(scope="session")
def definitions() -> dg.Definitions:
    loaded: dg.Definitions = defs()
    return loaded


@pytest.fixture(scope="session")
def specs(definitions: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    return {spec.key: spec for spec in definitions.resolve_all_asset_specs()}


@pytest.fixture(scope="session")
def manifest(definitions: dg.Definitions) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(manifest_path().read_text())
    return loaded
