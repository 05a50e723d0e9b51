"""Lake and warehouse as the settings have them: the one place that turns addresses into things.

Stays out: the settings (`settings.py`), and what lakes and warehouses do (`lib/`).
"""

from __future__ import annotations

from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.postgres import Patience
from ecommerce_assets.lib.warehouse import open_warehouse
from ecommerce_assets.lib.warehouse.bigquery_jobs import Limits
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.settings import Settings


def lake_of(settings: Settings) -> Lake:
    """The lake; nothing is connected yet.

    Raises:
        SettingMissing: none is set, or its address is of no known kind.
    """
    return Lake(settings.lake_uri, settings.home / "scratch")


def warehouse_of(
    settings: Settings, labels: dict[str, str] | None = None, patience_s: float | None = None
) -> Warehouse:
    """The warehouse; nothing is connected yet.

    Args:
        settings: the environment.
        labels: put on every job, where the engine has jobs.
        patience_s: how long to wait while another process holds it, if not as long as usual.

    Raises:
        SettingMissing: none is set, or its address is of no known kind.
    """
    return open_warehouse(
        settings.warehouse_uri,
        settings.memory_limit,
        location=settings.gcp_region,
        limits=Limits(settings.bigquery_max_bytes_billed, settings.bigquery_timeout),
        labels=labels,
        patience_s=settings.wait_for_warehouse_s if patience_s is None else patience_s,
        search_path=lake_of(settings).search_path,
    )


def patience_of(settings: Settings) -> Patience:
    """How long PostgreSQL databases are waited for."""
    return Patience(
        lock_s=settings.postgres_lock_timeout_s, statement_s=settings.postgres_timeout_s
    )
