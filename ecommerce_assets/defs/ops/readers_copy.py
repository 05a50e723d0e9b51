"""The warehouse's copy for readers, made when the marts are done.

Belongs here: the asset, what it waits for, and which domains the warehouse holds whole. Stays out:
how it is copied, and what readers get of the other domains (`lib/warehouse/`).
"""

import json
from typing import Any

import dagster as dg

from ecommerce_assets.dbt.holdings import holdings, model_tables
from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.translator import mart_keys
from ecommerce_assets.defs.shared.conditions import over_all_months
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.ingest.sharing import share_copy
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.duckdb_kept import DomainTables
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.runs import keys

#: What the copy's rows in the ledger are called.
DATASET, COPY = "ops.published_copy", "copy"
MANIFEST = json.loads(manifest_path().read_text())


@dg.asset(
    key=keys.COPY,
    deps=[
        *(
            dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping())
            for key in mart_keys(MANIFEST, "monthly")
        ),
        *mart_keys(MANIFEST, "unpartitioned"),
        # It shows its table in the warehouse, too: a copy made before would be behind.
        keys.TRUTHS,
    ],
    group_name="ops",
    kinds={"duckdb", "file"},
    owners=["team:data-platform"],
    tags={"layer": "marts", "domain": "ops"},
    pool=WAREHOUSE_POOL,
    retry_policy=TRANSIENT_RETRIES,
    automation_condition=over_all_months(),
    description=(
        "A read-only copy of the DuckDB warehouse for dashboards, notebooks and the command line: "
        "DuckDB shuts readers out while it is written. Replaced in one step. A domain whose models "
        "failed stays in it as it was; ops.published_copy_domains says of when each domain is."
    ),
)
def published_copy(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse
) -> dg.MaterializeResult[None]:
    """Copy the warehouse file; on an engine that serves readers itself there is nothing to do."""
    warehouse = lakehouse.warehouse
    if not isinstance(warehouse, DuckDBWarehouse):
        return dg.MaterializeResult(metadata={"copied": False})
    target = lakehouse.settings.published_path
    # The ledger's rows have a month; a copy holds all of them, and the first one stands for them.
    first = next(iter(DOMAINS.values())).months(lakehouse.settings)[0]
    attempt = lakehouse.ledger.attempt(DATASET, COPY, Month(first), context.run_id)
    with as_dagster_failure(), attempt as row:
        domains = [tables_of(warehouse, domain) for domain in DOMAINS.values()]
        row.source_bytes, kept = warehouse.publish_copy(target, domains)
        row.engine = warehouse.kind
        share_copy(target, lakehouse.settings.share_with_group)
    metadata: dict[str, Any] = {"copied": True, "path": str(target)}
    metadata["size_bytes"] = row.source_bytes
    for each in kept:
        context.log.warning(each.words)
        metadata[f"not renewed: {each.domain}"] = each.words
    return dg.MaterializeResult(metadata=metadata)


def tables_of(warehouse: Warehouse, domain: Domain) -> DomainTables:
    """A domain's tables, and why the warehouse does not hold them as one whole state, if so."""
    held = holdings(warehouse, domain)
    tables = tuple(model_tables(domain.name))
    unfinished = None
    if held.builds.tables.keys() & set(tables) and held.history is None:
        unfinished = "its models were not built to the end since"
    elif held.damage:
        unfinished = next(iter(held.damage.values()))
    return DomainTables(domain.name, tables, unfinished)
