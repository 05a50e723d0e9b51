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
from ecommerce_assets.defs.platform.load_checks import key_of
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.warehouse.comparison import TableComparison, compare_warehouses
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.partitions import next_month
from ecommerce_assets.settings import Settings

KEY = dg.AssetKey(["ops", "marts", "full_rebuild"])
CHECK = "incremental_tables_equal_a_full_rebuild"
RAW = [key_of(table.contract, "raw") for d in DOMAINS.values() for table in d.tables]
SCHEDULE = "compare_with_full_rebuild"


@dg.asset(
    key=KEY,
    deps=[dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping()) for key in RAW],
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
    loaded = _loaded_domains(lakehouse)
    with lake.staging() as folder:
        rebuilt = DuckDBWarehouse(folder / "rebuilt.duckdb", settings.memory_limit)
        for domain, months in loaded.items():
            for table in (*domain.tables, *domain.apart):
                rebuilt.show_raw(table.contract, lake)
                rebuilt.load_operations(table.contract, lake)
            _build_all(settings, rebuilt.path, domain, months, folder)
        tables = _tables([domain.name for domain in loaded])
        spill = folder / "spill"
        return list(
            compare_warehouses(warehouse.path, rebuilt.path, tables, settings.memory_limit, spill)
        )


def _loaded_domains(lakehouse: Lakehouse) -> dict[Domain, list[date]]:
    """The domains of which months are loaded, with these months.

    Raises:
        PermanentFailure: nothing is loaded, or models are out of date.
    """
    found = {}
    for domain in DOMAINS.values():
        rows = lakehouse.ledger.rows(domain.dataset)
        state = model_state(lakehouse.lake, domain, rows)
        stale = [f"{month:%Y-%m}" for month in stale_months(state)]
        if stale:
            raise PermanentFailure(
                f"models of {domain.name} are out of date: {', '.join(stale)}",
                f"run: ecommerce backfill {domain.name}",
            )
        if state.contents:
            found[domain] = sorted(state.contents)
    if not found:
        raise PermanentFailure("no month is loaded", "run: ecommerce backfill cosmetics")
    return found


def _build_all(
    settings: Settings, database: Path, domain: Domain, months: list[date], folder: Path
) -> None:
    """Build every model of all months of a domain in a warehouse of its own."""
    window = ["--event-time-start", f"{months[0]:%Y-%m-%d}"]
    window += ["--event-time-end", f"{next_month(months[-1]):%Y-%m-%d}"]
    environment = dbt_environment(settings) | {
        "ECOMMERCE_DUCKDB_PATH": str(database),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    window += ["--select", f"tag:{domain.name}"]
    done = subprocess.run(
        [dbt_executable(), "--no-use-colors", "run", "--project-dir", str(PROJECT), *window],
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise PermanentFailure(
            f"dbt could not rebuild the models: {done.stdout[-2000:]}",
            f"build them in the real warehouse first: ecommerce backfill {domain.name} --force",
        )


def _tables(domains: list[str]) -> list[str]:
    """Every model of the domains that is a table; views follow from them."""
    nodes = json.loads(manifest_path().read_text())["nodes"].values()
    return sorted(
        f"{node['schema']}.{node['name']}"
        for node in nodes
        if node["resource_type"] == "model"
        and node["config"]["materialized"] != "view"
        and set(domains) & set(node["tags"])
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
