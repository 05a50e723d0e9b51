"""The warehouse's copy for readers, made when the marts are done.

Belongs here: the asset and what it waits for. Stays out: how it is copied (`lib/warehouse/`).
"""

import json

import dagster as dg

from ecommerce_assets.dbt.holdings import model_tables
from ecommerce_assets.dbt.project import manifest_path
from ecommerce_assets.defs.dbt.translator import mart_keys
from ecommerce_assets.defs.shared.conditions import over_all_months
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS
from ecommerce_assets.lib.ingest.sharing import share_copy
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
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
        "DuckDB shuts readers out while it is written. Replaced in one step."
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
    models = [table for name in DOMAINS for table in model_tables(name)]
    with as_dagster_failure(), attempt as row:
        size = row.source_bytes = warehouse.publish_copy(target, models)
        row.engine = warehouse.kind
        share_copy(target, lakehouse.settings.share_with_group)
    return dg.MaterializeResult(metadata={"copied": True, "path": str(target), "size_bytes": size})
