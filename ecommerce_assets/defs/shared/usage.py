"""What an asset's jobs took of BigQuery, in its metadata and in the ledger.

Belongs here: turning the figures of jobs into metadata and ledger columns. Stays out: counting them
(`lib/warehouse/bigquery_jobs.py`). Engines that charge nothing add nothing.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.warehouse.bigquery_jobs import JobFigures, label, total
from ecommerce_assets.lib.warehouse.protocol import Warehouse


def usage_metadata(figures: JobFigures, usd_per_tib: float) -> dict[str, Any]:
    """The figures as metadata of an asset; empty where there was no job."""
    if not figures.jobs:
        return {}
    return {
        "bigquery/jobs": figures.jobs,
        "bigquery/bytes_processed": figures.bytes_processed,
        "bigquery/bytes_billed": figures.bytes_billed,
        "bigquery/slot_ms": figures.slot_ms,
        "bigquery/estimated_usd": figures.usd(usd_per_tib),
        "bigquery/last_job": figures.job_id or "",
    }


def note_usage(row: LedgerRow, figures: JobFigures, usd_per_tib: float) -> None:
    """Write the figures into the ledger row of a step; nothing where there was no job."""
    if figures.jobs:
        shares = row.months_in_call or 1  # as with its seconds
        row.bytes_processed = figures.bytes_processed // shares
        row.bytes_billed = figures.bytes_billed // shares
        row.slot_ms = figures.slot_ms // shares
        row.usd = round(figures.usd(usd_per_tib) / shares, 6)


def own_usage(warehouse: Warehouse) -> JobFigures:
    """The sum over all jobs that this warehouse object started."""
    return total(getattr(warehouse, "jobs", ()))


def usage_by_asset(warehouse: Warehouse, run_id: str, since: datetime) -> Mapping[str, JobFigures]:
    """The jobs of a run that dbt started, by the label of their asset; empty on other engines."""
    from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse

    if not isinstance(warehouse, BigQueryWarehouse):
        return {}
    return warehouse.jobs_of_run(run_id, since)


def asset_label(schema: str, name: str) -> str:
    """The label that `job_labels` in the dbt project gives a model's jobs."""
    return label(f"{schema}_{name}")
