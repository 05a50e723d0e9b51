"""Values that a contract allows and a test of the models does not know yet.

Belongs here: comparing contracts with dbt's tests before anything is published. Stays out: running
the tests (`defs/dbt/assets.py`), judging rows (`lib/contracts/rules.py`).

A contract learns a value in one file; the tests `accepted_values` of the models stand in others.
Rows with the new value would be published, and the models would refuse them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ecommerce_assets.dbt.project import domain_and_layer, ensure_manifest
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import ContractBroken


def refuse_values_ahead_of_models(
    contract: TableContract, manifest: Mapping[str, Any] | None = None
) -> None:
    """Refuse a contract that allows values which a test of its domain's models would refuse.

    Args:
        contract: its columns with allowed values.
        manifest: dbt's; default: that of the project as it is now.

    Raises:
        ContractBroken: there are such tests; the message names them with their files.
    """
    if not any(column.allowed for column in contract.columns):
        return
    if manifest is None:
        manifest = json.loads(ensure_manifest().read_text())
    for column in contract.columns:
        behind = list(_behind(contract.domain, set(column.allowed), manifest))
        if behind:
            lacking = [v for v in column.allowed if any(v not in known for _, known in behind)]
            places = "; ".join(place for place, _ in behind)
            raise ContractBroken(
                f"{contract.path} allows {', '.join(lacking)} in {column.name}, and tests of the "
                f"models would refuse such rows ({places}); nothing was published",
                "add the value to the accepted_values of these tests, where the models can make "
                "something of it, and start again",
            )


def _behind(
    domain: str, allowed: set[str], manifest: Mapping[str, Any]
) -> Iterator[tuple[str, set[str]]]:
    """Tests that know some of the allowed values and not all: where each stands, what it knows."""
    for node in manifest["nodes"].values():
        metadata = node.get("test_metadata") or {}
        tested = manifest["nodes"].get(node.get("attached_node") or "")
        if metadata.get("name") != "accepted_values" or tested is None:
            continue
        known = {str(value) for value in metadata["kwargs"].get("values", ())}
        same_domain = domain_and_layer(str(tested["schema"]))[0] == domain
        if same_domain and known & allowed and allowed - known:
            yield f"{node['name']} on {tested['name']} in {node['original_file_path']}", known
