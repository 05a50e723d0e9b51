"""The plan as an asset: what a backfill would touch and cost now, to look at before one is started.

Belongs here: the asset and its metadata. Stays out: deciding (`planning.py`), wording
(`plan_text.py`). Every `ecommerce backfill` renews it; in the UI it is one click.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from ecommerce_assets.defs.platform.failures import as_dagster_failure
from ecommerce_assets.defs.platform.resources import Lakehouse
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.ledger import Ledger
from ecommerce_assets.lib.plain_text import markdown
from ecommerce_assets.opening import lake_of, warehouse_of
from ecommerce_assets.plan_text import plan_table, price_note
from ecommerce_assets.planning import Plan, Seen, make_plan
from ecommerce_assets.planning_loads import Offers
from ecommerce_assets.settings import Settings

KEY = dg.AssetKey(["ops", "marts", "backfill_plan"])


@dg.asset(
    key=KEY,
    group_name="ops",
    kinds={"python"},
    owners=["team:data-platform"],
    # Looked at before a backfill and renewed after one, never a part of it.
    tags={"layer": "marts", "domain": "ops", "runs": "on-demand"},
    description=(
        "What a backfill of each domain would touch now, why, and what it would take in time and "
        "memory: once for all that is out of date, once with all models forced. Materialise it "
        "before a backfill and read its metadata; it changes nothing. On the command line: "
        "`ecommerce backfill DOMAIN --plan`."
    ),
)
def backfill_plan(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse
) -> dg.MaterializeResult[None]:
    """Plan both backfills and put them into the metadata."""
    with as_dagster_failure():
        metadata = plan_metadata(lakehouse.settings, context.instance)
        metadata |= _prices(lakehouse.settings, context.instance)
        return dg.MaterializeResult(metadata=metadata)


def _prices(settings: Settings, instance: dg.DagsterInstance) -> dict[str, Any]:
    """What BigQuery would charge; nothing on other engines. Asked only where someone clicked."""
    from ecommerce_assets.pricing import price_plan

    if warehouse_of(settings).kind == "duckdb":
        return {}
    metadata: dict[str, Any] = {}
    for domain in DOMAINS.values():
        plan = make_plan(settings, domain, instance, domain.months(settings), force=False)
        price = price_plan(settings, plan)
        if price is None:
            continue
        name = f"{domain.name}, out of date"
        metadata |= {
            f"{name}: price": price_note(price),
            f"{name}: bytes that BigQuery would read": price.bytes,
            f"{name}: US dollars": price.usd,
        }
    return metadata


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
