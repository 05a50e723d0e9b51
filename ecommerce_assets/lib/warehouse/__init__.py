"""The warehouse behind one protocol; which one it is, is told by its address alone."""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.warehouse.bigquery_jobs import Limits
from ecommerce_assets.lib.warehouse.protocol import Warehouse

BIGQUERY = "bigquery://"


def open_warehouse(
    uri: str,
    memory_limit: str = "1500MB",
    *,
    location: str = "EU",
    limits: Limits | None = None,
    labels: dict[str, str] | None = None,
    patience_s: float | None = None,
    search_path: Path | None = None,
) -> Warehouse:
    """The warehouse at an address; nothing is connected yet.

    Args:
        uri: path of a DuckDB file, or `bigquery://project`.
        memory_limit: DuckDB's, for instance `1500MB`.
        location: of BigQuery's data sets and jobs.
        limits: on BigQuery's jobs.
        labels: on BigQuery's jobs.
        patience_s: how long to wait for a DuckDB file that another process holds.
        search_path: folder of the lake that a DuckDB file's views look into.

    Raises:
        SettingMissing: there is no engine for the address.
    """
    if uri.startswith(BIGQUERY) and uri != BIGQUERY:
        from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse

        project = uri.removeprefix(BIGQUERY).strip("/")
        return BigQueryWarehouse(project, location, limits, labels)
    if "://" in uri and not uri.startswith("file://"):
        raise SettingMissing(
            f"there is no warehouse engine for {uri}",
            "set ECOMMERCE_WAREHOUSE to bigquery://project or the path of a DuckDB file",
        )
    from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse

    return DuckDBWarehouse(Path(uri.removeprefix("file://")), memory_limit, patience_s, search_path)
