"""The standing check that the models, built month by month, equal a full rebuild.

Belongs here: building all models once more from the raw tables beside the real ones (in a DuckDB
file, or in a data set of BigQuery), and the check, with their schedule. Stays out: comparing
(`lib/warehouse/comparison.py`, `bigquery_comparison.py`), whether the schedule is on
(`automation.py`).
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from ecommerce_assets.defs.dbt.freshness import model_state, stale_months, stale_outside
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
from ecommerce_assets.defs.platform.usage import usage_by_asset, usage_metadata
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.warehouse.bigquery_jobs import total
from ecommerce_assets.lib.warehouse.comparison import TableComparison, compare_warehouses
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.partitions import next_month

if TYPE_CHECKING:
    from ecommerce_assets.lib.warehouse.bigquery import BigQueryWarehouse

KEY = dg.AssetKey(["ops", "marts", "full_rebuild"])
CHECK = "incremental_tables_equal_a_full_rebuild"
RAW = [key_of(table.contract, "raw") for d in DOMAINS.values() for table in d.tables]
SCHEDULE = "compare_with_full_rebuild"


@dg.asset(
    key=KEY,
    deps=[dg.AssetDep(key, partition_mapping=dg.AllPartitionMapping()) for key in RAW],
    group_name="ops",
    kinds={"dbt"},
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
        "All models built once more from the raw tables, every month in one go, beside the real "
        "ones: in a DuckDB file, or in the data set ops_rebuild of BigQuery. Compared, then thrown "
        "away. Costs what a first load of all months costs."
    ),
)
def full_rebuild(context: dg.AssetExecutionContext, lakehouse: Lakehouse) -> Iterator[Any]:
    """Rebuild, compare, and forget."""
    started = datetime.now(UTC)
    with as_dagster_failure():
        warehouse = lakehouse.warehouse_for(context)
        compared = compare_with_rebuild(lakehouse, warehouse, {"run": context.run.run_id})
        # Of dbt and of the comparison: both carry the label of the run.
        usage = total(usage_by_asset(warehouse, context.run.run_id, started).values())
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
    metadata |= usage_metadata(usage, lakehouse.settings.bigquery_usd_per_tib)
    yield dg.MaterializeResult(metadata=metadata | {"comparison": dg.MetadataValue.table(rows)})
    yield dg.AssetCheckResult(
        asset_key=KEY,
        check_name=CHECK,
        passed=not differing,
        metadata=metadata | {each.table: _in_words(each) for each in differing},
    )


def compare_with_rebuild(
    lakehouse: Lakehouse, warehouse: Warehouse, labels: Mapping[str, str] | None = None
) -> list[TableComparison]:
    """Build all models once more beside the warehouse and compare every table.

    Args:
        lakehouse: on DuckDB the rebuild reads the lake, on BigQuery the raw tables.
        warehouse: the one to judge.
        labels: of dbt's jobs, for instance Dagster's run.

    Raises:
        PermanentFailure: nothing is loaded, models are out of date, or dbt fails.
    """
    loaded = _loaded_domains(lakehouse)
    tables = _tables([domain.name for domain in loaded])
    environment = dbt_environment(lakehouse.settings, labels=labels)
    with lakehouse.lake.staging() as folder:
        if isinstance(warehouse, DuckDBWarehouse):
            return _in_a_file(lakehouse, warehouse, loaded, tables, environment, folder)
        return _in_a_dataset(
            cast("BigQueryWarehouse", warehouse), loaded, tables, environment, folder
        )


def _in_a_file(
    lakehouse: Lakehouse,
    warehouse: DuckDBWarehouse,
    loaded: Mapping[Domain, list[date]],
    tables: list[str],
    environment: dict[str, str],
    folder: Path,
) -> list[TableComparison]:
    limit = lakehouse.settings.memory_limit
    rebuilt = DuckDBWarehouse(folder / "rebuilt.duckdb", limit)
    environment = environment | {"ECOMMERCE_DUCKDB_PATH": str(rebuilt.path)}
    for domain, months in loaded.items():
        for table in (*domain.tables, *domain.apart):
            rebuilt.show_raw(table.contract, lakehouse.lake)
            rebuilt.load_operations(table.contract, lakehouse.lake)
        _build_all(environment, domain, months, folder)
    spill = folder / "spill"
    return list(compare_warehouses(warehouse.path, rebuilt.path, tables, limit, spill))


def _in_a_dataset(
    warehouse: "BigQueryWarehouse",
    loaded: Mapping[Domain, list[date]],
    tables: list[str],
    environment: dict[str, str],
    folder: Path,
) -> list[TableComparison]:
    # Here, so that a laptop's start-up does not import Google's clients.
    from ecommerce_assets.lib.warehouse.bigquery_comparison import (
        REBUILT,
        compare_with_rebuilt,
        empty_dataset,
    )

    environment = environment | {"DBT_TARGET": "ci", "ECOMMERCE_DBT_CI_DATASET": REBUILT}
    empty_dataset(warehouse)
    try:
        for domain, months in loaded.items():
            _build_all(environment, domain, months, folder)
        return list(compare_with_rebuilt(warehouse, tables))
    finally:
        empty_dataset(warehouse)


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
        left = [f"{month:%Y-%m}" for month in stale_outside(state)]
        if left:
            raise PermanentFailure(
                f"the models of {', '.join(left)} are out of date, and these months lie outside "
                f"{domain.months_setting}, so that no backfill builds them",
                f"widen {domain.months_setting} to hold them, then run: "
                f"ecommerce backfill {domain.name}",
            )
        if state.contents:
            found[domain] = sorted(state.contents)
    if not found:
        raise PermanentFailure("no month is loaded", "run: ecommerce backfill cosmetics")
    return found


def _build_all(
    environment: dict[str, str], domain: Domain, months: list[date], folder: Path
) -> None:
    """Build every model of all months of a domain where the environment says."""
    window = ["--event-time-start", f"{months[0]:%Y-%m-%d}"]
    window += ["--event-time-end", f"{next_month(months[-1]):%Y-%m-%d}"]
    window += ["--select", f"tag:{domain.name}"]
    environment = environment | {
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
