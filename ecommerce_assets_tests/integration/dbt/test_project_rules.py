"""What every model, source and column of the dbt project keeps to."""

from __future__ import annotations

from typing import Any

import pytest

from ecommerce_assets.dbt.project import domain_of
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets_tests.integration.dbt.project import Dbt
from ecommerce_assets_tests.integration.dbt.reference import EXPECTED

LAYERS = {"staging": "stg_{}__", "intermediate": "int_{}__", "marts": ""}


@pytest.fixture(scope="module")
def manifest(built: Dbt) -> dict[str, Any]:
    return built.manifest()


@pytest.fixture(scope="module")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_every_model_is_built_and_every_mart_has_a_second_computation(
    models: list[dict[str, Any]], built: Dbt
) -> None:
    own = [m for m in models if domain_of(m) == "cosmetics"]
    relations = {f"{m['schema']}.{m['name']}" for m in own if m["path"][:7] != "staging"}
    marts = {name for name in relations if name.startswith("cosmetics_marts.")}

    assert set(built.relations()) == relations
    assert marts <= set(EXPECTED)


def test_every_model_source_and_column_has_a_description(
    models: list[dict[str, Any]], manifest: dict[str, Any]
) -> None:
    for node in [*models, *manifest["sources"].values()]:
        assert node["description"], node["name"]
        assert node["columns"], node["name"]
        for column in node["columns"].values():
            assert column["description"], (node["name"], column["name"])


def test_the_documented_columns_are_the_built_ones(
    models: list[dict[str, Any]], built: Dbt
) -> None:
    for model in (m for m in models if domain_of(m) == "cosmetics"):
        found = [row[0] for row in built.rows(f"describe {model['schema']}.{model['name']}")]
        assert found == list(model["columns"]), model["name"]


def test_every_model_has_its_domain_one_rhythm_and_an_owner(models: list[dict[str, Any]]) -> None:
    for model in models:
        assert domain_of(model) in DOMAINS
        assert len({"monthly", "unpartitioned"} & set(model["tags"])) == 1, model["name"]
        assert model["config"]["meta"]["owner"].startswith("team:")


def test_schema_and_name_say_domain_and_layer(models: list[dict[str, Any]]) -> None:
    for model in models:
        layer, domain = model["path"].split("/")[0], domain_of(model)
        assert model["schema"] == f"{domain}_{layer}"
        prefix = LAYERS[layer].format(domain)
        assert model["name"].startswith(prefix or ("fct_", "agg_", "dim_", "mart_"))
        assert domain == "cosmetics" or domain in model["name"]


def test_all_but_staging_have_an_enforced_contract(models: list[dict[str, Any]]) -> None:
    for model in models:
        staging = model["path"].startswith("staging")
        assert model["config"]["contract"]["enforced"] is not staging, model["name"]


def test_only_staging_reads_sources(models: list[dict[str, Any]]) -> None:
    for model in models:
        reads_source = any(key.startswith("source.") for key in model["depends_on"]["nodes"])
        assert reads_source == model["path"].startswith("staging"), model["name"]


def test_monthly_tables_are_microbatches_of_a_month(models: list[dict[str, Any]]) -> None:
    monthly = [m for m in models if "monthly" in m["tags"] and m["path"][:7] != "staging"]
    assert monthly
    for model in monthly:
        config = model["config"]
        assert config["incremental_strategy"] == "microbatch"
        assert (config["batch_size"], config["lookback"]) == ("month", 0)
        assert not config.get("unique_key")
        assert config["event_time"] in model["columns"]


def test_unpartitioned_models_are_never_read_by_monthly_ones(
    models: list[dict[str, Any]],
) -> None:
    tags = {m["unique_id"]: m["tags"] for m in models}
    for model in models:
        if "monthly" in model["tags"]:
            for parent in model["depends_on"]["nodes"]:
                assert "unpartitioned" not in tags.get(parent, []), (model["name"], parent)
