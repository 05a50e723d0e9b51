"""The plan of every domain as metadata of its asset.

Belongs here: which plans and figures the asset shows. Stays out: deciding (`planning/plan.py`),
wording (`planning/words.py`), the asset (`defs/ops/plan.py`).
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.text.plain import markdown
from ecommerce_assets.planning.loads import Offers
from ecommerce_assets.planning.plan import Plan, Seen, make_plan
from ecommerce_assets.planning.words import plan_table
from ecommerce_assets.settings import Settings

KEY = dg.AssetKey(["ops", "marts", "backfill_plan"])


def plan_metadata(
    settings: Settings, instance: dg.DagsterInstance, silent: Mapping[str, Offers] | None = None
) -> dict[str, Any]:
    """The asset's metadata: both plans of each domain as Markdown, and their figures.

    Args:
        settings: the environment.
        instance: Dagster's, for its record of materialised partitions.
        silent: sources that could not be asked a moment ago, by data set.
    """
    metadata: dict[str, Any] = {}
    seen = Seen(Ledger(lake_of(settings)).rows(), silent=dict(silent or {}))
    for domain in DOMAINS.values():
        months = domain.months(settings)
        for name, force in (("out of date", False), ("all months forced", True)):
            plan = make_plan(settings, domain, instance, months, force=force, seen=seen)
            metadata |= _metadata(f"{domain.name}, {name}", plan)
    return metadata


def _metadata(name: str, plan: Plan) -> dict[str, Any]:
    text = plan_table(plan).markdown()
    for dataset, refusal in plan.refusals.items():
        said = markdown(str(refusal))
        text = f"**The source of {dataset} could not be asked:** {said}\n\n{text}"
    return {
        name: dg.MetadataValue.md(text),
        f"{name}: partitions": plan.size.partitions,
        f"{name}: rows": plan.size.rows,
        f"{name}: bytes": plan.size.bytes,
        f"{name}: seconds": round(plan.cost.seconds.mid, 1),
        f"{name}: megabytes": round(plan.cost.megabytes.mid),
        f"{name}: basis": plan.cost.basis,
    }
