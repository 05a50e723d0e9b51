"""The retention rule on the lake's staging area: the asset that applies it, and its schedule.

Belongs here: when it runs and what it says. Stays out: what may go (`lib/ingest/leftovers.py`).
"""

import shutil
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from ecommerce_assets.defs.ops.automations import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.shared.failures import TRANSIENT_RETRIES, as_dagster_failure
from ecommerce_assets.defs.shared.resources import Lakehouse
from ecommerce_assets.lib.ingest.leftovers import clear, leftovers

KEY = dg.AssetKey(["ops", "files", "staging_area"])
SCHEDULE = "clear_staging_area"
JOB = "clear_the_staging_area"
#: Rows of the table on the asset's page.
SHOWN = 100


@dg.asset(
    key=KEY,
    group_name="ops",
    kinds={"file"},
    owners=["team:data-platform"],
    tags={"layer": "files", "domain": "ops", "runs": "on-demand"},
    retry_policy=TRANSIENT_RETRIES,
    description=(
        "The lake's staging area without leftovers: earlier deliveries, deliveries that never "
        "ended, what was read from a file of all months, and unfinished downloads, each older than "
        "ECOMMERCE_KEEP_STAGED_DAYS. What a table reads is never touched, nor the newest delivery. "
        "Many small objects of the ledger are merged into few."
    ),
)
def staging_area(lakehouse: Lakehouse) -> dg.MaterializeResult[None]:
    """Clear the staging area."""
    keep = timedelta(days=lakehouse.settings.keep_staged_days)
    with as_dagster_failure():
        found = leftovers(lakehouse.lake, keep, datetime.now(UTC))
        files, size = clear(lakehouse.lake, found)
        downloads = clear_downloads(lakehouse.downloads, keep)
        merged = lakehouse.ledger.merge()
    rows = [
        dg.TableRecord({"file": each.entry.key, "why": each.why, "bytes": each.entry.size})
        for each in found[:SHOWN]
    ]
    metadata = {f"files {why}": number for why, number in Counter(f.why for f in found).items()}
    return dg.MaterializeResult(
        metadata={
            "files_removed": files,
            "bytes_removed": size,
            "unfinished_downloads_removed": downloads,
            "ledger_objects_merged": merged,
            **metadata,
            **({"removed": dg.MetadataValue.table(rows)} if rows else {}),
        }
    )


def clear_downloads(folder: Path, keep: timedelta) -> int:
    """Remove unfinished downloads in which nothing was written for so long; gives their number."""
    removed = 0
    for work in folder.glob("*/*/*/*"):  # domain, table, month, kind of source
        newest = max((path.stat().st_mtime for path in [work, *work.rglob("*")]), default=0.0)
        if work.is_dir() and time.time() - newest > keep.total_seconds():
            shutil.rmtree(work, ignore_errors=True)
            removed += 1
    return removed


clear_job = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.assets(KEY),
    description="Remove from the lake's staging area what nothing needs any more.",
)
clear_schedule = dg.ScheduleDefinition(
    name=SCHEDULE,
    job_name=JOB,
    cron_schedule="0 4 * * 0",
    execution_timezone="UTC",
    default_status=schedule_status(SCHEDULE),
    description=AUTOMATIONS[SCHEDULE].does,
)
