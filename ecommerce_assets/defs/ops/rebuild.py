"""The standing check that the models, built month by month, equal a full rebuild.

Belongs here: building all models once more from the raw tables beside the real ones (in a DuckDB
file, or in a data set of BigQuery), and the check, with their schedule. Stays out: comparing
(`lib/warehouse/comparison.py`, `bigquery_comparison.py`), whether the schedule is on
(`automations.py`).
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import dagster as dg

from ecommerce_assets.dbt.freshness import (
    ModelState,
    model_state,
    stale_months,
    stale_outside,
    why_history_is_stale,
)
from ecommerce_assets.dbt.holdings import model_tables
from ecommerce_assets.dbt.project import (
    PROJECT,
    dbt_environment,
    dbt_executable,
    models_of,
    sources_behind,
)
from ecommerce_assets.defs.loading.checks import key_of
from ecommerce_assets.defs.ops.automations import AUTOMATIONS, schedule_status
from ecommerce_assets.defs.shared.failures import as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.defs.shared.usage import usage_by_asset, usage_metadata
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.failures import PermanentFailure, TransientFailure
from ecommerce_assets.lib.months import in_words, next_month
from ecommerce_assets.lib.warehouse.bigquery_jobs import total
from ecommerce_assets.lib.warehouse.comparison import TableComparison, compare_warehouses
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.lib.warehouse.protocol import Warehouse

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
        comparison = compare_with_rebuild(lakehouse, warehouse, {"run": context.run.run_id})
        compared = comparison.tables
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
        passed=not differing and not comparison.out_of_date,
        metadata=metadata
        | {each.table: each.words for each in differing}
        | {f"left out: {name}": why for name, why in comparison.left_out.items()},
    )


@dataclass(frozen=True)
class Comparison:
    """Tables of the warehouse beside those of a full rebuild.

    Attributes:
        tables: all that were compared.
        empty: domains of which nothing is loaded.
        out_of_date: domains that were left out, since their models are not up to date, and why.
    """

    tables: list[TableComparison]
    empty: list[str]
    out_of_date: dict[str, str]

    @property
    def left_out(self) -> dict[str, str]:
        """The domains that were not compared, with the reason."""
        return dict.fromkeys(self.empty, "nothing of it is loaded") | self.out_of_date


def compare_with_rebuild(
    lakehouse: Lakehouse, warehouse: Warehouse, labels: Mapping[str, str] | None = None
) -> Comparison:
    """Build all models once more beside the warehouse and compare every table.

    Views follow from the tables and the lake, and are not compared.

    Args:
        lakehouse: on DuckDB the rebuild reads the lake, on BigQuery the raw tables.
        warehouse: the one to judge.
        labels: of dbt's jobs, for instance Dagster's run.

    Raises:
        PermanentFailure: nothing that is loaded is up to date, or dbt fails.
        TransientFailure: the warehouse was written meanwhile.
    """
    loaded, empty, out_of_date = _loaded_domains(lakehouse)
    tables = sorted(table for domain in loaded for table in model_tables(domain.name))
    environment = dbt_environment(lakehouse.settings, labels=labels)
    before = warehouse.builds(()).stamp
    with lakehouse.lake.staging() as folder:
        if isinstance(warehouse, DuckDBWarehouse):
            found = _in_a_file(lakehouse, warehouse, loaded, tables, environment, folder)
        else:
            bigquery = cast("BigQueryWarehouse", warehouse)
            found = _in_a_dataset(bigquery, loaded, tables, environment, folder)
    if warehouse.builds(()).stamp != before:
        raise TransientFailure(
            "the warehouse was written while its models were built once more",
            "run it again when nothing else runs",
        )
    return Comparison(found, empty, out_of_date)


def _in_a_file(
    lakehouse: Lakehouse,
    warehouse: DuckDBWarehouse,
    loaded: Mapping[Domain, ModelState],
    tables: list[str],
    environment: dict[str, str],
    folder: Path,
) -> list[TableComparison]:
    limit = lakehouse.settings.memory_limit
    lake = lakehouse.lake
    path = folder / "rebuilt.duckdb"
    rebuilt = DuckDBWarehouse(path, limit, search_path=lake.search_path)
    environment = environment | {"ECOMMERCE_DUCKDB_PATH": str(rebuilt.path)}
    for domain, state in loaded.items():
        for table in domain.all_tables:
            rebuilt.show_raw(table.contract, lakehouse.lake)
            rebuilt.load_operations(table.contract, lakehouse.lake)
        _build_all(environment, domain, state, folder)
    spill = folder / "spill"
    return list(compare_warehouses(warehouse.path, rebuilt.path, tables, limit, spill))


def _in_a_dataset(
    warehouse: "BigQueryWarehouse",
    loaded: Mapping[Domain, ModelState],
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
        for domain, state in loaded.items():
            _build_all(environment, domain, state, folder)
        return list(compare_with_rebuilt(warehouse, tables))
    finally:
        empty_dataset(warehouse)


def _loaded_domains(
    lakehouse: Lakehouse,
) -> tuple[dict[Domain, ModelState], list[str], dict[str, str]]:
    """The domains that can be compared with their state, the empty ones, those out of date.

    Raises:
        PermanentFailure: none can be compared.
    """
    found: dict[Domain, ModelState] = {}
    empty: list[str] = []
    out_of_date: dict[str, str] = {}
    for domain in DOMAINS.values():
        rows = lakehouse.ledger.rows(domain.dataset)
        state = model_state(lakehouse.lake, lakehouse.warehouse, domain, rows)
        if not state.contents:
            empty.append(domain.name)
        elif why := _why_out_of_date(domain, state):
            out_of_date[domain.name] = why
        else:
            found[domain] = state
    if found:
        return found, empty, out_of_date
    if out_of_date:
        name, why = next(iter(out_of_date.items()))
        raise PermanentFailure(f"nothing can be compared: {name}: {why}", _cure(name))
    raise PermanentFailure("no month is loaded", _cure(empty[0]))


def _why_out_of_date(domain: Domain, state: ModelState) -> str | None:
    """Why a domain's tables cannot be expected to equal a rebuild; None where they can.

    Damage is none: to show it is what the comparison is for.
    """
    state = state.without_damage
    if stale := stale_months(state):
        return f"models of {in_words(stale)} are out of date; {_cure(domain.name)}"
    if left := stale_outside(state):
        setting = domain.months_setting
        return (
            f"the models of {in_words(left)} are out of date, and these months lie outside "
            f"{setting}, so that no backfill builds them; widen {setting} to hold them, then "
            f"{_cure(domain.name)}"
        )
    if history := why_history_is_stale(state):
        return f"models over all months are out of date ({history}); {_cure(domain.name)}"
    return None


def _cure(domain: str) -> str:
    return f"run: ecommerce backfill {domain}"


def _build_all(
    environment: dict[str, str], domain: Domain, state: ModelState, folder: Path
) -> None:
    """Build every model of all months of a domain where the environment says."""
    months = sorted(state.contents)
    window = ["--event-time-start", f"{months[0]:%Y-%m-%d}"]
    window += ["--event-time-end", f"{next_month(months[-1]):%Y-%m-%d}"]
    window += ["--select", models_of(domain.name)]
    environment = (
        environment
        | sources_behind(state.behind)
        | {
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_TARGET_PATH": str(folder / "target"),
        }
    )
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
