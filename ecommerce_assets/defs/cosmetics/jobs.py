"""The job that loads a month of cosmetics events, which the schedule and the sensors start.

Belongs here: the job, and which months are loaded or being loaded. Stays out: when it runs.
"""

from datetime import date

import dagster as dg

from ecommerce_assets.defs.cosmetics.assets import CONTRACT
from ecommerce_assets.defs.platform.in_flight import months_in_flight
from ecommerce_assets.defs.platform.resources import Lakehouse
from ecommerce_assets.partitions import COSMETICS_MONTHLY

# By key: an asset that a second module holds would be defined twice.
FILES, LAKE, RAW = (
    dg.AssetKey([CONTRACT.domain, layer, CONTRACT.table]) for layer in ("files", "lake", "raw")
)

#: Schedules and sensors name the job: one that a second module holds would be defined twice, too.
LOAD = "load_cosmetics_month"

load_cosmetics_month = dg.define_asset_job(
    LOAD,
    selection=dg.AssetSelection.assets(FILES, LAKE, RAW),
    partitions_def=COSMETICS_MONTHLY,
    description="Fetch a month's file and bring it through the lake into the raw table.",
)


def loaded_versions(lakehouse: Lakehouse) -> dict[date, str]:
    """The version that each month was loaded from, where its newest load went well."""
    latest = lakehouse.ledger.latest(CONTRACT.dataset, "lake")
    return {
        month: row.source_version
        for month, row in latest.items()
        if row.status in ("loaded", "unchanged") and row.source_version
    }


def loading_months(instance: dg.DagsterInstance) -> set[date]:
    """The months that a queued or running run loads, whoever started it."""
    return months_in_flight(instance, (FILES, LAKE, RAW), LOAD)
