"""The cleaned invoices as a table of a PostgreSQL database, for the systems that read there.

Belongs here: which rows go, and when. Stays out: how a table is brought in step
(`lib/outputs/postgres.py`).
"""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from ecommerce_assets.defs.shared.conditions import monthly_model
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.partitions import RETAIL_MONTHLY
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.lib.months import next_month

SOURCE = dg.AssetKey(["retail", "marts", "fct_retail_invoice_lines"])
#: The table in the target database, and what names a row of it.
TARGET = "retail.invoice_lines"
KEY = ("line_key",)


@dg.asset(
    key=["retail", "marts", "invoices_in_postgres"],
    deps=[SOURCE],
    partitions_def=RETAIL_MONTHLY,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="retail",
    kinds={"postgres", "table"},
    owners=["team:data-platform"],
    tags={"layer": "marts", "domain": "retail"},
    pool=WAREHOUSE_POOL,
    retry_policy=TRANSIENT_RETRIES,
    automation_condition=monthly_model(reads_raw=False),
    metadata={"dagster/table_name": TARGET},
    description=(
        "The cleaned invoice lines as a table of the database ECOMMERCE_RETAIL_TARGET_POSTGRES: "
        "new, changed and vanished rows of the months, in one transaction. Without that setting "
        "nothing is written."
    ),
)
def invoices_in_postgres(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse
) -> dg.MaterializeResult[None]:
    """Bring the months of the table in step with the mart."""
    target = lakehouse.settings.retail_target_postgres
    if target is None:
        why = "ECOMMERCE_RETAIL_TARGET_POSTGRES is not set"
        return dg.MaterializeResult(metadata={"written": False, "why": why})
    months = [date.fromisoformat(key) for key in context.partition_keys]
    with as_dagster_failure():
        metadata = write_months(lakehouse, target, months[0], months[-1])
    return dg.MaterializeResult(metadata=metadata)


def write_months(lakehouse: Lakehouse, target: Any, first: date, last: date) -> dict[str, Any]:
    """Make the table hold exactly the mart's rows of the months; gives the rows by fate.

    Args:
        lakehouse: gives the warehouse.
        target: the database's address.
        first: first month.
        last: last month, included.
    """
    from ecommerce_assets.connect import patience_of
    from ecommerce_assets.lib.outputs.postgres import Window, upsert_table

    start = datetime(first.year, first.month, 1, tzinfo=UTC)
    following = next_month(last)
    end = datetime(following.year, following.month, 1, tzinfo=UTC)
    query = (
        "select * from retail_marts.fct_retail_invoice_lines "
        "where invoiced_at >= ? and invoiced_at < ?"
    )
    rows = lakehouse.warehouse.read(query, [start, end])
    done = upsert_table(
        target,
        TARGET,
        rows.to_batches(),
        schema=rows.schema,
        key=KEY,
        window=Window("invoiced_at", start, end),
        patience=patience_of(lakehouse.settings),
    )
    return {
        "written": True,
        "rows_inserted": done.inserted,
        "rows_updated": done.updated,
        "rows_deleted": done.deleted,
        "rows_unchanged": done.unchanged,
        "table_created": done.created,
    }
