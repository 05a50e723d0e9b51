"""One set of rules holds every asset, whoever wrote it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ecommerce_assets.domains import registry

LAYERS = {"topics", "files", "lake", "raw", "staging", "intermediate", "marts", "ml"}
DOMAINS = {*registry.DOMAINS, "plants", "orders", "ops"}


def broken(specs: dict[dg.AssetKey, dg.AssetSpec], rule: Any) -> list[str]:
    return [key.to_user_string() for key, spec in specs.items() if not rule(spec)]


def test_a_key_is_domain_layer_table(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    def rule(spec: dg.AssetSpec) -> bool:
        path = spec.key.path
        return len(path) == 3 and path[0] in DOMAINS and path[1] in LAYERS

    assert broken(specs, rule) == []


def test_an_asset_is_in_the_group_of_its_domain_or_in_one_beside_it(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    """What cannot be materialised with the others is apart: no source, or months of its own."""
    beside = {
        "invoices_url": "retail_without_source",
        "invoices_postgres": "retail_without_source",
        "catalogue": "retail_catalogue",
    }

    def rule(spec: dg.AssetSpec) -> bool:
        domain, layer, table = spec.key.path
        loads = layer in ("files", "lake", "raw")
        return spec.group_name == (beside.get(table, domain) if loads else domain)

    assert broken(specs, rule) == []


def test_a_group_has_the_months_of_one_domain(definitions: dg.Definitions) -> None:
    """Dagster refuses a backfill over a group whose months differ."""
    graph = definitions.resolve_asset_graph()
    months: dict[str | None, set[str]] = {}
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.is_partitioned:
            months.setdefault(node.group_name, set()).add(str(node.partitions_def))
    assert {group for group, found in months.items() if len(found) != 1} == set()


def test_an_asset_carries_the_tags_of_its_layer_and_domain(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    def rule(spec: dg.AssetSpec) -> bool:
        tags = (spec.tags.get("domain"), spec.tags.get("layer"))
        return tags == (spec.key.path[0], spec.key.path[1])

    assert broken(specs, rule) == []


def test_an_asset_has_an_owner_a_kind_and_a_description(
    specs: dict[dg.AssetKey, dg.AssetSpec],
) -> None:
    def rule(spec: dg.AssetSpec) -> bool:
        return bool(spec.owners and spec.kinds and len(spec.description or "") > 20)

    assert broken(specs, rule) == []


def test_an_asset_links_to_its_code(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    assert broken(specs, lambda spec: "dagster/code_references" in spec.metadata) == []


def test_a_table_names_itself_and_its_columns(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    tables = {
        key: spec
        for key, spec in specs.items()
        if key.path[1] in ("raw", "staging", "intermediate", "marts")
        and key.path[0] != "ops"
        and "postgres" not in spec.kinds  # a table of another database
    }

    def rule(spec: dg.AssetSpec) -> bool:
        columns = spec.metadata.get("dagster/column_schema")
        schema = getattr(columns, "schema", columns)
        described = all(column.description for column in getattr(schema, "columns", []))
        named = spec.metadata.get("dagster/table_name")
        text = getattr(named, "text", named)
        schema_name = f"{spec.key.path[0]}_{spec.key.path[1]}"
        return bool(schema) and described and text == f"{schema_name}.{spec.key.path[2]}"

    assert broken(tables, rule) == []


def test_every_dbt_model_is_an_asset_of_exactly_one_definition(
    definitions: dg.Definitions, manifest: dict[str, Any]
) -> None:
    models = [n for n in manifest["nodes"].values() if n["resource_type"] == "model"]
    for model in models:
        partitioning = {"monthly", "unpartitioned"} & set(model["tags"])
        assert len(partitioning) == 1, f"{model['name']} needs exactly one partitioning tag"
    keys = [
        key.path[2]
        for definition in definitions.assets or []
        if isinstance(definition, dg.AssetsDefinition) and "models" in definition.op.name
        for key in definition.keys
    ]
    assert sorted(keys) == sorted(model["name"] for model in models)


def test_the_monthly_chain_is_partitioned_and_says_how_it_is_backfilled(
    definitions: dg.Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    partitioned = [graph.get(k) for k in graph.get_all_asset_keys() if graph.get(k).is_partitioned]
    assert len(partitioned) >= 3
    assert [node.key for node in partitioned if node.backfill_policy is None] == []


def test_checks_that_guard_a_number_are_blocking(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    blocking = {
        f"{key.asset_key.path[1]}:{key.name}"
        for key in graph.asset_check_keys
        if graph.get(key).blocking
    }
    assert {"lake:rows_conserved", "raw:rows_as_published"} <= blocking


@pytest.mark.parametrize("environment", ["local", "dev", "prod"])
def test_definitions_load_with_an_empty_environment(environment: str, tmp_path: Path) -> None:
    script = "from ecommerce_assets.definitions import defs; print(len(defs().assets))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ECOMMERCE_ENV": environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_unknown_environment_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from ecommerce_assets.definitions import defs; defs()"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "ECOMMERCE_ENV": "staging"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "unknown environment 'staging'" in done.stderr
    assert "local, dev, prod" in done.stderr
