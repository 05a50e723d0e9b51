"""The plan as an asset: what a backfill would touch and cost now, to look at before one is started.

Belongs here: the asset. Stays out: deciding (`planning/plan.py`), its metadata
(`running/plan_metadata.py`), wording (`planning/words.py`). Every `ecommerce backfill` renews it;
in the UI it is one click.
"""

from typing import Any

import dagster as dg

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.defs.shared.failures import as_dagster_failure
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.planning.plan import make_plan
from ecommerce_assets.planning.words import price_note
from ecommerce_assets.running.plan_metadata import KEY, plan_metadata
from ecommerce_assets.settings import Settings


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
    from ecommerce_assets.planning.price import price_plan

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
