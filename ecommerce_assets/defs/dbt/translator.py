"""How a dbt node is called in Dagster: key, group, tags, owners, kinds.

Belongs here: the one mapping from dbt's names to ours, in small steps. Stays out: what is run.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from ecommerce_assets.dbt.project import domain_and_layer
from ecommerce_assets.defs.loading.metadata import PLAN_HINT
from ecommerce_assets.defs.shared.conditions import monthly_model, over_all_months
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.settings import load_settings


def asset_key(properties: Mapping[str, Any]) -> dg.AssetKey:
    """`[domain, layer, table]` of a dbt model, seed, snapshot or source.

    The quarantine of a raw table comes with it, out of the same step.
    """
    domain, layer = domain_and_layer(str(properties["schema"]))
    name = str(properties.get("identifier") or properties["name"])
    return dg.AssetKey(
        [domain, layer, name.removesuffix("_quarantine") if layer == "raw" else name]
    )


def mart_keys(manifest: Mapping[str, Any], tag: str) -> list[dg.AssetKey]:
    """The keys of all mart models that carry a tag, `monthly` or `unpartitioned`, sorted."""
    return sorted(
        asset_key(node)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and tag in node["tags"]
        and domain_and_layer(str(node["schema"]))[1] == "marts"
    )


def automation_condition(node: Mapping[str, Any]) -> dg.AutomationCondition[Any] | None:
    """When a node of the manifest is built by itself; None for what dbt does not build."""
    if node["resource_type"] != "model":
        return None
    if "monthly" in node["tags"]:
        parents = node.get("depends_on", {}).get("nodes", [])
        return monthly_model(reads_raw=any(parent.startswith("source.") for parent in parents))
    return over_all_months()


def _as_read(dep: dg.AssetDep) -> dg.AssetDep:
    """A dependency on a raw table, as one on the table that the settings let the models read.

    dbt's manifest knows the choice of the settings it was made under.
    """
    domain, layer, table = dep.asset_key.path
    known = DOMAINS.get(domain)
    if layer != "raw" or known is None or table not in [each.name for each in known.tables]:
        return dep
    key = [domain, layer, known.primary(load_settings()).name]
    return dg.AssetDep(key, partition_mapping=dep.partition_mapping)


class LakehouseTranslator(DagsterDbtTranslator):
    """Gives every dbt node the project's key style and the tags that all assets carry."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_asset_checks=True,
                enable_code_references=True,
                enable_duplicate_source_asset_keys=True,  # a raw table and its quarantine
            )
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The node's key."""
        return asset_key(dbt_resource_props)

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """The node's spec: dagster-dbt's own, renamed, grouped, tagged, with its condition."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        domain, layer = domain_and_layer(str(node["schema"]))
        kind = str(node.get("config", {}).get("materialized", "table"))
        owner = node.get("config", {}).get("meta", {}).get("owner", "team:analytics")
        monthly = node["resource_type"] == "model" and "monthly" in node["tags"]
        return spec.replace_attributes(
            deps=[_as_read(dep) for dep in spec.deps] if monthly else spec.deps,
            description=f"{spec.description}\n\n{PLAN_HINT}" if monthly else spec.description,
            group_name=domain,
            owners=[owner],
            tags={"layer": layer, "domain": domain},
            kinds={"dbt", "view" if kind == "view" else "table"},
            automation_condition=automation_condition(node),
        ).merge_attributes(
            metadata={"dagster/table_name": f"{node['schema']}.{node['name']}"},
        )
