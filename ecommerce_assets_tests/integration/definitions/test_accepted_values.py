"""A value that a contract learns is refused while a test of the models does not know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ecommerce_assets.dbt.accepted_values import refuse_values_ahead_of_models
from ecommerce_assets.dbt.project import ensure_manifest
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.failures import ContractBroken
from ecommerce_assets_tests.support.builders import changed_contract

WIDER = ("[view, cart,", "[view, wishlist, cart,")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ensure_manifest().read_text())
    return found


def test_the_contracts_and_the_models_agree(manifest: dict[str, Any]) -> None:
    for domain in DOMAINS.values():
        for table in (*domain.tables, *domain.apart):
            refuse_values_ahead_of_models(table.contract, manifest)


def test_every_test_that_has_to_follow_is_named_with_its_file(
    tmp_path: Path, manifest: dict[str, Any]
) -> None:
    with pytest.raises(ContractBroken, match="allows wishlist in event_type") as caught:
        refuse_values_ahead_of_models(changed_contract(tmp_path, WIDER), manifest)
    for name in ("stg_cosmetics__events.yml", "agg_active_users.yml"):
        assert name in caught.value.message
    assert "session" not in caught.value.message, "tests of other values have nothing to follow"
    assert "accepted_values" in caught.value.cure


def test_a_value_that_the_tests_know_passes(tmp_path: Path, manifest: dict[str, Any]) -> None:
    nodes = {key: json.loads(json.dumps(node)) for key, node in manifest["nodes"].items()}
    for node in nodes.values():
        values = (node.get("test_metadata") or {}).get("kwargs", {}).get("values")
        if values and "view" in values:
            values.append("wishlist")
    refuse_values_ahead_of_models(changed_contract(tmp_path, WIDER), {"nodes": nodes})


def test_a_contract_may_allow_less_than_the_tests(tmp_path: Path, manifest: dict[str, Any]) -> None:
    narrower = changed_contract(tmp_path, ("[view, cart,", "[view,"))
    refuse_values_ahead_of_models(narrower, manifest)
