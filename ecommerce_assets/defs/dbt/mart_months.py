"""Which months the monthly marts of a domain have rows of, read from the warehouse.

Belongs here: the marts, from dbt's manifest, and one look at all of them. Stays out: the SQL
(`lib/warehouse/months.py`), and which months they should have (`defs/ops/upkeep.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecommerce_assets.dbt.project import domain_and_layer
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.warehouse.months import existing_tables_sql, months_by_table, months_sql
from ecommerce_assets.lib.warehouse.protocol import Warehouse


@dataclass(frozen=True)
class MartMonths:
    """What the monthly marts of a domain hold.

    Attributes:
        tables: `schema.table` of every monthly mart.
        existing: those that are there.
        months: the months of which each has rows.
    """

    tables: tuple[str, ...]
    existing: frozenset[str]
    months: Mapping[str, set[date]]

    def without(self, month: date) -> list[str]:
        """The marts that are there and have no row of a month."""
        return [t for t in sorted(self.existing) if month not in self.months.get(t, ())]


def marts(manifest: Mapping[str, Any], domain: Domain, tag: str) -> list[dict[str, Any]]:
    """The nodes of a domain's mart models that are tables, by their tag."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and tag in node["tags"]
        and domain_and_layer(str(node["schema"])) == (domain.name, "marts")
        and node["config"]["materialized"] != "view"
    ]


def mart_months(
    manifest: Mapping[str, Any], domain: Domain, warehouse: Warehouse, region: str
) -> MartMonths:
    """Look at every monthly mart of a domain.

    Args:
        manifest: dbt's.
        domain: whose marts they are.
        warehouse: where they are.
        region: the warehouse's location, where its engine has one.
    """
    columns = {
        f"{node['schema']}.{node['name']}": str(node["config"]["event_time"])
        for node in marts(manifest, domain, "monthly")
    }
    if not columns:
        return MartMonths((), frozenset(), {})
    listing = existing_tables_sql(warehouse.kind, region)
    listed = {f"{schema}.{name}" for schema, name in warehouse.query(listing)}
    there = {table: column for table, column in columns.items() if table in listed}
    found = months_by_table(warehouse.query(months_sql(there))) if there else {}
    return MartMonths(tuple(sorted(columns)), frozenset(there), found)
