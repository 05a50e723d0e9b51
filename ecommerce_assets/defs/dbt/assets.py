"""The dbt models as assets: one definition per domain and partitioning.

Belongs here: which models run together and with which arguments. Stays out: SQL (`ecommerce_dbt/`),
names (`translator.py`), window arithmetic (`windows.py`). A test shows that the selections cover
the project and do not overlap.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from ecommerce_assets.defs.dbt.freshness import (
    MONTHLY,
    UNPARTITIONED,
    history_fingerprint,
    load_keys,
    month_fingerprint,
    project_fingerprint,
)
from ecommerce_assets.defs.dbt.project import (
    FastDbt,
    dbt_project,
    dbt_variables,
    manifest_path,
    target_path,
)
from ecommerce_assets.defs.dbt.translator import LakehouseTranslator
from ecommerce_assets.defs.dbt.windows import build_arguments, month_of, widened
from ecommerce_assets.defs.platform.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.lib.contract import load_contract
from ecommerce_assets.partitions import COSMETICS_MONTHLY, cosmetics_months

CONTRACT = load_contract("cosmetics", "events")
#: One dbt start for a whole range of months; each month is a batch of its own inside it.
ONE_RUN = dg.BackfillPolicy.single_run()


@dbt_assets(
    name="cosmetics_monthly_models",
    manifest=manifest_path(),
    project=dbt_project(),
    select="tag:cosmetics,tag:monthly",
    partitions_def=COSMETICS_MONTHLY,
    backfill_policy=ONE_RUN,
    pool=WAREHOUSE_POOL,
    dagster_dbt_translator=LakehouseTranslator(),
)
def cosmetics_monthly_models(
    context: dg.AssetExecutionContext, dbt: FastDbt, lakehouse: Lakehouse
) -> Iterator[Any]:
    """Build and test the cosmetics models of a range of months."""
    span, months = context.partition_time_window, cosmetics_months()
    window = widened(month_of(span.start), month_of(span.end), months[0], months[-1])
    keys, project = load_keys(lakehouse.lake, CONTRACT), project_fingerprint()
    rebuilt = {
        month: month_fingerprint(keys, month, project)
        for month in keys
        if window[0] <= month < window[1]
    }
    with _in_ledger(context, lakehouse, MONTHLY, rebuilt):
        yield from _run(context, dbt, lakehouse, window)


@dbt_assets(
    name="cosmetics_unpartitioned_models",
    manifest=manifest_path(),
    project=dbt_project(),
    select="tag:cosmetics,tag:unpartitioned",
    pool=WAREHOUSE_POOL,
    dagster_dbt_translator=LakehouseTranslator(),
)
def cosmetics_unpartitioned_models(
    context: dg.AssetExecutionContext, dbt: FastDbt, lakehouse: Lakehouse
) -> Iterator[Any]:
    """Build and test the cosmetics models that look at all months at once."""
    keys = load_keys(lakehouse.lake, CONTRACT)
    built = {max(keys): history_fingerprint(keys, project_fingerprint())} if keys else {}
    with _in_ledger(context, lakehouse, UNPARTITIONED, built):
        yield from _run(context, dbt, lakehouse, None)


@contextmanager
def _in_ledger(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse, step: str, built: dict[date, str]
) -> Iterator[None]:
    """Write into the ledger which months' models the block builds, and how it ended."""
    ledger = lakehouse.ledger
    rows = [ledger.begin(CONTRACT.dataset, step, month, context.run_id) for month in built]
    for row, fingerprint in zip(rows, built.values(), strict=True):
        row.load_key = fingerprint
    # A subset of the models does not make the month up to date.
    whole = context.selected_asset_keys == context.assets_def.keys
    try:
        yield
    except Exception as error:
        for row in rows:
            ledger.finish(row, "failed", str(error).strip()[:2000])
        raise
    for row in rows:
        ledger.finish(row, "loaded" if whole else "unchanged")


def _run(
    context: dg.AssetExecutionContext,
    dbt: FastDbt,
    lakehouse: Lakehouse,
    window: tuple[date, date] | None,
) -> Iterator[Any]:
    settings = lakehouse.settings
    # A folder of its own beside the parsed project, from which dbt takes the partial parse.
    target = (
        target_path(settings) / f"run-{context.run_id[:8]}-{context.op_execution_context.op.name}"
    )
    with dbt_variables(settings):
        yield from dbt.cli(build_arguments(window), context=context, target_path=target).stream()
    shutil.rmtree(target, ignore_errors=True)
