"""The standing check that the models, built month by month, equal a full rebuild.

Belongs here: building all models once more from the lake into a warehouse of their own, and the
check, with their schedule. Stays out: comparing (`lib/warehouse/comparison.py`), whether the
schedule is on (`automation.py`).
"""

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg

from ecommerce_assets.defs.dbt.freshness import model_state, stale_months
from ecommerce_assets.defs.dbt.project import (
    PROJECT,
    dbt_environment,
    dbt_executable,
    manifest_path,
)
from ecommerce_assets.defs.platform.automation import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.platform.failures import as_dagster_failure
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.lib.contract import load_contract
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.warehouse.comparison import TableComparison, compare_warehouses
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.partitions import next_month
from ecommerce_assets.settings import Settings

CONTRACT = load_contract("cosmetics", "events")
KEY = dg.AssetKey(["ops", "marts", "full_rebuild"])
CHECK = "incremental_tables_equal_a_full_rebuild"
RAW = dg.AssetKey(["cosmetics", "raw", "events"])
SCHEDULE = "compare_with_full_rebuild"


@dg.asset(
    key=KEY,
    deps=[dg.AssetDep(RAW, partition_mapping=dg.AllPartitionMapping())],
    group_name="ops",
    kinds={"duckdb", "dbt"},
    owners=["team:data-platform"],
    # Asked for by hand or by its schedule, never a part of a backfill: it costs all months.
    tags={"layer": "marts", "domain": "ops", "runs": "on-demand"},
    pool=WAREHOUSE_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=KEY,
            description="Every table of the models has the rows that a full rebuild gives it.",
        )
    ],
    description=(
        "All models built once more from the lake, every month in one go, into a warehouse of "
        "their own that is compared with the real one and then thrown away. Costs what a first "
        "load of all months costs."
    ),
)
def full_rebuild(lakehouse: Lakehouse) -> Iterator[Any]:
    """Rebuild, compare, and forget."""
    with as_dagster_failure():
        compared = compare_with_rebuild(lakehouse)
    rows = [
        dg.TableRecord(
            {
                "table": each.table,
                "rows": str(each.rows),
                "rows_of_the_rebuild": str(each.rows_expected),
                "surplus": each.surplus,
                "missing": each.missing,
            }
        )
        for each in compared
    ]
    differing = [each for each in compared if not each.equal]
    metadata = {"tables": len(compared), "differing": len(differing)}
    yield dg.MaterializeResult(metadata=metadata | {"comparison": dg.MetadataValue.table(rows)})
    yield dg.AssetCheckResult(
        asset_key=KEY,
        check_name=CHECK,
        passed=not differing,
        metadata=metadata | {each.table: _in_words(each) for each in differing},
    )


def compare_with_rebuild(lakehouse: Lakehouse) -> list[TableComparison]:
    """Build all models from the lake into a scratch warehouse and compare every table.

    Raises:
        PermanentFailure: the warehouse is no DuckDB file, nothing is loaded, models are out of
            date, or dbt fails.
    """
    warehouse, lake, settings = lakehouse.warehouse, lakehouse.lake, lakehouse.settings
    if not isinstance(warehouse, DuckDBWarehouse):
        raise PermanentFailure(
            f"a {warehouse.kind} warehouse cannot be rebuilt beside itself yet",
            "run the comparison where the warehouse is a DuckDB file, on the same lake",
        )
    state = model_state(lake, CONTRACT, lakehouse.ledger.rows(CONTRACT.dataset))
    stale = [f"{month:%Y-%m}" for month in stale_months(state)]
    if stale or not state.contents:
        raise PermanentFailure(
            f"models are out of date: {', '.join(stale)}" if stale else "no month is loaded",
            "run: ecommerce backfill cosmetics",
        )
    with lake.staging() as folder:
        rebuilt = DuckDBWarehouse(folder / "rebuilt.duckdb", settings.memory_limit)
        months = sorted(state.contents)
        for month in months:
            rebuilt.load_month(CONTRACT, lake, month)
        _build_all(settings, rebuilt.path, months, folder)
        return list(
            compare_warehouses(
                warehouse.path, rebuilt.path, _tables(), settings.memory_limit, folder / "spill"
            )
        )


def _build_all(settings: Settings, database: Path, months: list[date], folder: Path) -> None:
    """Build every model of all months in a warehouse of its own."""
    window = ["--event-time-start", f"{months[0]:%Y-%m-%d}"]
    window += ["--event-time-end", f"{next_month(months[-1]):%Y-%m-%d}"]
    environment = dbt_environment(settings) | {
        "ECOMMERCE_DUCKDB_PATH": str(database),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    done = subprocess.run(
        [dbt_executable(), "--no-use-colors", "run", "--project-dir", str(PROJECT), *window],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PermanentFailure(
            f"dbt could not rebuild the models: {done.stdout[-2000:]}",
            "build them in the real warehouse first: ecommerce backfill cosmetics --force",
        )


def _tables() -> list[str]:
    """Every model that is a table; views follow from them."""
    nodes = json.loads(manifest_path().read_text())["nodes"].values()
    return sorted(
        f"{node['schema']}.{node['name']}"
        for node in nodes
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    )


def _in_words(compared: TableComparison) -> str:
    if compared.rows is None or compared.rows_expected is None:
        return "the table is not in both warehouses"
    return (
        f"{compared.rows:,} rows, {compared.rows_expected:,} in the rebuild; "
        f"{compared.surplus:,} too many, {compared.missing:,} missing"
    )


rebuild_job = dg.define_asset_job(
    "rebuild_and_compare",
    selection=dg.AssetSelection.assets(KEY),
    description="Build all models once more, beside the warehouse, and compare every table.",
)
rebuild_schedule = dg.ScheduleDefinition(
    name=SCHEDULE,
    job_name="rebuild_and_compare",
    cron_schedule="0 3 * * 0",
    execution_timezone="UTC",
    default_status=schedule_status(SCHEDULE),
    description=AUTOMATIONS[SCHEDULE].does,
)
