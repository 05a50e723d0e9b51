"""What the warehouse holds of a domain's models, by its own word and by its tables.

Belongs here: which tables a domain's models make, and joining them with what the warehouse noted.
Stays out: whether that is up to date (`freshness.py`), the table `ops.build_state` (`lib/`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ecommerce_assets.dbt.project import domain_of, ensure_manifest
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.warehouse.builds import Builds
from ecommerce_assets.lib.warehouse.protocol import Warehouse

#: The ledger's names of both steps of models, which dbt's tags of the models go with.
MONTHLY, UNPARTITIONED = "models", "history"
TAGS = {MONTHLY: "monthly", UNPARTITIONED: "unpartitioned"}


@dataclass(frozen=True)
class Holdings:
    """What a warehouse holds of a domain.

    Attributes:
        builds: all that the warehouse says.
        months: the fingerprint of each month's models that it noted as built.
        history: that of the models over all months; None where it noted none.
        damage: by step, why the tables are not what their builds left.
    """

    builds: Builds = field(default_factory=Builds)
    months: Mapping[date, str] = field(default_factory=dict)
    history: str | None = None
    damage: Mapping[str, str] = field(default_factory=dict)


def holdings(warehouse: Warehouse, domain: Domain) -> Holdings:
    """Ask the warehouse what it holds of a domain.

    Raises:
        LakehouseError: it cannot be read.
    """
    tables = {step: model_tables(domain.name, tag) for step, tag in TAGS.items()}
    schemas = {table.partition(".")[0] for listed in tables.values() for table in listed}
    found = warehouse.builds(schemas)
    months = found.months(domain.dataset, MONTHLY)
    history = list(found.months(domain.dataset, UNPARTITIONED).values())
    held = {MONTHLY: bool(months), UNPARTITIONED: bool(history)}
    damage = {step: found.damage(tables[step]) for step in TAGS if held[step]}
    return Holdings(
        builds=found,
        months=months,
        history=history[0] if len(history) == 1 else None,
        damage={step: reason for step, reason in damage.items() if reason},
    )


def model_tables(domain: str, tag: str | None = None) -> list[str]:
    """`schema.table` of a domain's models that are tables; views follow from them.

    Args:
        domain: its name.
        tag: only models with this tag, too.
    """
    path = ensure_manifest()
    return [
        name
        for name, owner, tags in _tables(path, path.stat().st_mtime_ns)
        if owner == domain and (tag is None or tag in tags)
    ]


@lru_cache(maxsize=2)
def _tables(manifest: Path, version: int) -> list[tuple[str, str, frozenset[str]]]:
    """Each table of the models with domain and tags; kept while the manifest is the same."""
    nodes: Mapping[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    return sorted(
        (f"{node['schema']}.{node['name']}", domain_of(node), frozenset(node["tags"]))
        for node in nodes.values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    )
