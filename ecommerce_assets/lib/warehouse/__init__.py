"""The warehouse behind one protocol; which one it is, is told by its address alone."""

from __future__ import annotations

from pathlib import Path

from ecommerce_assets.lib.failures import SettingMissing
from ecommerce_assets.lib.warehouse.protocol import Warehouse


def open_warehouse(uri: str, memory_limit: str = "1000MB") -> Warehouse:
    """The warehouse at an address; nothing is connected yet.

    Args:
        uri: path of a DuckDB file.
        memory_limit: DuckDB's, for instance `1000MB`.

    Raises:
        SettingMissing: there is no engine for the address.
    """
    from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse

    if "://" in uri and not uri.startswith("file://"):
        raise SettingMissing(
            f"there is no warehouse engine for {uri}",
            "set ECOMMERCE_WAREHOUSE to the path of a DuckDB file",
        )
    return DuckDBWarehouse(Path(uri.removeprefix("file://")), memory_limit)
