"""The resources of all assets: lake, ledger, warehouse and dbt, opened from the settings.

Belongs here: turning settings into things that assets use. Stays out: reading the environment
(`settings.py`) and what the things do (`lib/`).
"""

from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.connect import lake_of, warehouse_of
from ecommerce_assets.defs.dbt.resource import FastDbt, dbt_resource
from ecommerce_assets.defs.shared.executor import in_process_executor
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.settings import Settings, load_settings

#: Steps that write the DuckDB file run one at a time: it has one writer, and a writer shuts every
#: other process out. `make dev` sets the pool's limit to 1.
WAREHOUSE_POOL = "duckdb"


class Lakehouse(dg.ConfigurableResource[Any]):
    """What the assets work on. Each part is opened when it is asked for, from the settings."""

    @property
    def settings(self) -> Settings:
        """The settings as the environment has them now."""
        return load_settings()

    @property
    def lake(self) -> Lake:
        """The lake."""
        return lake_of(self.settings)

    @property
    def ledger(self) -> Ledger:
        """The ledger of the lake."""
        return Ledger(self.lake)

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse."""
        return warehouse_of(self.settings)

    def warehouse_for(self, context: dg.AssetExecutionContext) -> Warehouse:
        """The warehouse, each of its jobs labelled with the asset, the partition and the run."""
        labels = {"asset": "_".join(context.asset_key.path), "run": context.run_id}
        if context.has_partition_key:
            labels["partition"] = context.partition_key
        return warehouse_of(self.settings, labels)

    @property
    def downloads(self) -> Path:
        """Where unfinished downloads wait for the next try."""
        return self.settings.home / "downloads"


def shared_definitions() -> dg.Definitions:
    """The resources and the executor of every asset."""
    return dg.Definitions(
        resources={"lakehouse": Lakehouse(), "dbt": dbt_resource()},
        # One process a run: a process a step costs three seconds each, and DuckDB has one writer.
        executor=in_process_executor,
    )


__all__ = ["WAREHOUSE_POOL", "FastDbt", "Lakehouse", "shared_definitions"]
