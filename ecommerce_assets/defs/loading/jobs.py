"""The jobs that load a month of a source table, which schedules and sensors start.

Belongs here: the job, and which months are loaded or being loaded. Stays out: when it runs
(`sensors.py`, `schedules.py`).
"""

from datetime import date
from typing import Any

import dagster as dg

from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.shared.in_flight import months_in_flight
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.domains.registry import SourceTable
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake.ledger import LAYERS


def job_name(table: SourceTable) -> str:
    """The name of a table's job; a table named after its domain alone goes by the domain's name.

    Schedules and sensors name the job: one that a second module holds would be defined twice.
    """
    short = table.name.partition("_")[2]
    return f"load_{table.domain}_{short}_month" if short else f"load_{table.domain}_month"


def load_job(table: SourceTable, partitions: dg.PartitionsDefinition[Any]) -> Any:
    """The job that brings a month from its source to the raw table."""
    return dg.define_asset_job(
        job_name(table),
        selection=dg.AssetSelection.assets(*layer_keys(table.contract)),
        partitions_def=partitions,
        description="Fetch a month's file and bring it through the lake into the raw table.",
    )


def layer_keys(contract: TableContract) -> list[dg.AssetKey]:
    """The keys of a source table's assets, by key: not to define them twice."""
    return [key_of(contract, layer) for layer in LAYERS]


def loaded_versions(lakehouse: Lakehouse, contract: TableContract) -> dict[date, str]:
    """The version that each month was loaded from, where its newest load went well."""
    latest = lakehouse.ledger.latest(contract.dataset, "lake")
    return {
        row.first_day: row.source_version
        for row in latest.values()
        if row.status in ("loaded", "unchanged") and row.source_version
    }


def loading_months(instance: dg.DagsterInstance, table: SourceTable) -> set[date]:
    """The months that a queued or running run loads, whoever started it."""
    return months_in_flight(instance, layer_keys(table.contract), job_name(table))
