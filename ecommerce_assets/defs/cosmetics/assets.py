"""The cosmetics events from their file to the raw table, one month a partition.

Belongs here: the assets `files`, `lake` and `raw`, and what each says of itself. Stays out: how a
file is fetched, read and published (`lib/`), and the models (`defs/dbt/`).
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg

from ecommerce_assets.defs.cosmetics import checks
from ecommerce_assets.defs.platform.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.platform.metadata import PLAN_HINT, column_schema, load_metadata
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.defs.platform.usage import note_usage, own_usage, usage_metadata
from ecommerce_assets.domains.cosmetics.source import cosmetics_source
from ecommerce_assets.lib.contract import load_contract
from ecommerce_assets.lib.fetch import fetch_month, open_delivery
from ecommerce_assets.lib.ingest import (
    INGEST_VERSION,
    fill_ledger_row,
    ingest_month,
    published_rows,
)
from ecommerce_assets.partitions import COSMETICS_MONTHLY

CONTRACT = load_contract("cosmetics", "events")
GROUP = "cosmetics"
#: A run a month: a month whose file is broken fails alone, and Dagster names it as the failed
#: partition while the others go on. Dagster marks every partition of a shared run alike.
ONE_MONTH_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)


def _common(layer: str) -> dict[str, Any]:
    return {
        "partitions_def": COSMETICS_MONTHLY,
        "backfill_policy": ONE_MONTH_A_RUN,
        "group_name": GROUP,
        "owners": [CONTRACT.owner],
        "tags": {"layer": layer, "domain": GROUP},
    }


@dg.asset(
    key=["cosmetics", "files", "events"],
    kinds={"csv"},
    description=(
        "The month's file as its source delivered it. An unchanged version is not fetched again; "
        f"a download that broke off goes on where it stopped. {PLAN_HINT}"
    ),
    retry_policy=TRANSIENT_RETRIES,
    **_common("files"),
)
def files_events(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse
) -> dg.MaterializeResult[None]:
    """Fetch the month's file."""
    month = date.fromisoformat(context.partition_key)
    attempt = lakehouse.ledger.attempt(CONTRACT.dataset, "files", month, context.run_id)
    with as_dagster_failure(), attempt as row:
        source = cosmetics_source(lakehouse.settings)
        row.source_name = source.kind
        got, is_new = fetch_month(source, CONTRACT, month, lakehouse.lake, lakehouse.downloads)
        row.source_name, row.source_version = got.name, got.version
        row.source_sha256, row.source_bytes = got.sha256, got.size
        row.status = "loaded" if is_new else "unchanged"
    return dg.MaterializeResult(
        metadata={
            "file": got.name,
            "source": got.kind,
            "source_version": got.version,
            "location": got.location,
            "size_bytes": got.size,
            "sha256": got.sha256,
            "fetched_at": got.fetched_at,
            "unchanged": not is_new,
            "path": lakehouse.lake.location(got.key),
        },
        data_version=dg.DataVersion(got.sha256[:16]),
    )


@dg.asset(
    key=["cosmetics", "lake", "events"],
    deps=[files_events],
    kinds={"parquet", "duckdb"},
    description=(
        f"{CONTRACT.description} Typed Parquet after the contract {CONTRACT.dataset} "
        f"{CONTRACT.version}; rows that break it are in quarantine with their reasons. A month "
        f"that comes again says how many rows it adds, removes and alters. {PLAN_HINT}"
    ),
    code_version=f"{INGEST_VERSION}.{CONTRACT.fingerprint[:12]}",
    metadata={"dagster/column_schema": column_schema(CONTRACT)},
    check_specs=checks.LAKE_CHECKS,
    **_common("lake"),
)
def lake_events(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
    """Turn the month's file into typed Parquet and quarantine."""
    month = date.fromisoformat(context.partition_key)
    lake, settings = lakehouse.lake, lakehouse.settings
    attempt = lakehouse.ledger.attempt(CONTRACT.dataset, "lake", month, context.run_id)
    with as_dagster_failure(), attempt as row, open_delivery(lake, CONTRACT, month) as delivery:
        row.source_name, row.source_version = delivery.name, delivery.version
        row.source_sha256, row.contract_version = delivery.sha256, CONTRACT.version
        row.source_bytes = delivery.path.stat().st_size
        result = ingest_month(
            CONTRACT,
            month,
            delivery,
            lake,
            run_id=context.run_id,
            memory_limit=settings.memory_limit,
            max_bytes=settings.max_file_bytes,
        )
        fill_ledger_row(row, result)
        row.status = "unchanged" if result.unchanged else "loaded"
    yield dg.MaterializeResult(
        metadata=load_metadata(result)
        | {"dagster/row_count": published_rows(lake, CONTRACT)}
        | {"path": lake.location(lake.parquet_key(CONTRACT.domain, CONTRACT.table, month))},
        data_version=dg.DataVersion(result.content),
    )
    yield from checks.check_lake_month(lake, CONTRACT, month, result)


@dg.asset(
    key=["cosmetics", "raw", "events"],
    deps=[lake_events],
    kinds={"duckdb", "table"},
    description=f"{CONTRACT.description} The raw table, every published month of it. {PLAN_HINT}",
    metadata={
        "dagster/column_schema": column_schema(CONTRACT),
        "dagster/table_name": "cosmetics_raw.events",
    },
    check_specs=checks.RAW_CHECKS,
    pool=WAREHOUSE_POOL,
    retry_policy=TRANSIENT_RETRIES,
    **_common("raw"),
)
def raw_events(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
    """Show the published month in the warehouse's raw table."""
    month = date.fromisoformat(context.partition_key)
    attempt = lakehouse.ledger.attempt(CONTRACT.dataset, "raw", month, context.run_id)
    with as_dagster_failure(), attempt as row:
        warehouse = lakehouse.warehouse_for(context)
        rows = warehouse.load_month(CONTRACT, lakehouse.lake, month)
        warehouse.load_operations(CONTRACT, lakehouse.lake)
        row.rows_read, row.engine = rows, warehouse.kind
        usage, price = own_usage(warehouse), lakehouse.settings.bigquery_usd_per_tib
        note_usage(row, usage, price)
        check = checks.check_raw_month(lakehouse.lake, CONTRACT, month, rows)
        if not check.passed:
            row.status, row.reason = "failed", "the raw table has not the rows of the lake"
    yield dg.MaterializeResult(
        metadata={
            "dagster/row_count": warehouse.count_rows("cosmetics_raw.events"),
            "dagster/partition_row_count": rows,
        }
        | usage_metadata(usage, price)
    )
    yield check
