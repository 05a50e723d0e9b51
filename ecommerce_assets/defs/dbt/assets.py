"""The dbt models as assets: one definition per domain and partitioning.

Belongs here: which models run together and with which arguments. Stays out: SQL (`ecommerce_dbt/`),
names (`translator.py`), window arithmetic (`dbt/windows.py`). A test shows that the selections
cover the project and do not overlap.
"""

import json
import shutil
import time
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from ecommerce_assets.dbt.freshness import (
    ModelState,
    history_fingerprint,
    model_state,
    month_fingerprint,
    stale_months,
)
from ecommerce_assets.dbt.holdings import MONTHLY, UNPARTITIONED, model_tables
from ecommerce_assets.dbt.project import calls_path, dbt_variables, manifest_path, models_of
from ecommerce_assets.dbt.upgrade import COLUMNS, all_months, why_all_months
from ecommerce_assets.dbt.windows import build_arguments, month_of, widened
from ecommerce_assets.defs.dbt.mart_months import mart_months
from ecommerce_assets.defs.dbt.resource import FastDbt, dbt_project
from ecommerce_assets.defs.dbt.translator import LakehouseTranslator
from ecommerce_assets.defs.shared.failures import as_dagster_failure
from ecommerce_assets.defs.shared.resources import WAREHOUSE_POOL, Lakehouse
from ecommerce_assets.defs.shared.usage import (
    asset_label,
    note_usage,
    usage_by_asset,
    usage_metadata,
)
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.lake.seal import refuse_damaged
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets.lib.months import months_between, next_month, previous_month
from ecommerce_assets.lib.warehouse.bigquery_jobs import JobFigures, total

#: How long the folder of a dbt call that failed or was killed is kept: a day.
KEEP_FAILED_CALLS_S = 86_400
#: One dbt start for a whole range of months; each month is a batch of its own inside it.
ONE_RUN = dg.BackfillPolicy.single_run()


def monthly_models(domain: Domain, partitions: dg.PartitionsDefinition[Any]) -> dg.AssetsDefinition:
    """The models of a domain that are built month by month.

    Args:
        domain: its models in its folders that have the tag `monthly`.
        partitions: its months.
    """

    @dbt_assets(
        name=f"{domain.name}_monthly_models",
        manifest=manifest_path(),
        project=dbt_project(),
        select=models_of(domain.name, "monthly"),
        partitions_def=partitions,
        backfill_policy=ONE_RUN,
        pool=WAREHOUSE_POOL,
        dagster_dbt_translator=LakehouseTranslator(),
    )
    def models(
        context: dg.AssetExecutionContext, dbt: FastDbt, lakehouse: Lakehouse
    ) -> Iterator[Any]:
        """Build and test the models of a range of months."""
        span, state = context.partition_time_window, _state(lakehouse, domain)
        window = widened(month_of(span.start), month_of(span.end), stale_months(state))
        all_because = why_all_months(state, lakehouse.warehouse, domain.name)
        if all_because:
            context.log.warning(f"All months are built, into new tables: {all_because}.")
            window = all_months(state)
        rebuilt = {
            month: month_fingerprint(state, month)
            for month in state.contents
            if window[0] <= month < window[1]
        }
        requested = (month_of(span.start), month_of(span.end))
        rows = {month: state.rows[month] for month in rebuilt}
        # Models look a little into the month before.
        read = months_between(previous_month(window[0]), window[1])
        # A table that is not what it was cannot be trusted in any month; what looks at all months
        # has to follow.
        lost = None if all_because or state.held.damage.get(MONTHLY) else list(rebuilt)
        build = Build(MONTHLY, rebuilt, rows, {MONTHLY: lost, UNPARTITIONED: None}, read)
        with _recorded(context, lakehouse, domain, models, build) as noted:
            for row in noted:
                row.change = COLUMNS if all_because else None
                lakehouse.ledger.note(row)
            usage = yield from _run(
                context,
                dbt,
                lakehouse,
                domain,
                state,
                window,
                requested,
                new_tables=bool(all_because),
            )
            _note(noted, usage, lakehouse)
            if noted:
                _note_quiet_months(noted, lakehouse, domain)

    return models


def unpartitioned_models(domain: Domain) -> dg.AssetsDefinition:
    """The models of a domain that look at all months at once.

    Args:
        domain: its models in its folders that have the tag `unpartitioned`.
    """

    @dbt_assets(
        name=f"{domain.name}_unpartitioned_models",
        manifest=manifest_path(),
        project=dbt_project(),
        select=models_of(domain.name, "unpartitioned"),
        pool=WAREHOUSE_POOL,
        dagster_dbt_translator=LakehouseTranslator(),
    )
    def models(
        context: dg.AssetExecutionContext, dbt: FastDbt, lakehouse: Lakehouse
    ) -> Iterator[Any]:
        """Build and test the models that look at all months at once."""
        state = _state(lakehouse, domain)
        built = {max(state.contents): history_fingerprint(state)} if state.contents else {}
        rows = dict.fromkeys(built, sum(state.rows.values()))
        build = Build(UNPARTITIONED, built, rows, {UNPARTITIONED: None}, None)
        with _recorded(context, lakehouse, domain, models, build) as noted:
            months = domain.months(lakehouse.settings)
            # Months outside the domain's stay as they were built and agree with nothing newer.
            checked = (months[0], next_month(months[-1])) if state.outside else None
            usage = yield from _run(context, dbt, lakehouse, domain, state, None, checked)
            _note(noted, usage, lakehouse)

    return models


def _refuse_damaged(lakehouse: Lakehouse, domain: Domain, months: list[date] | None) -> None:
    """Refuse to build models from files of the lake that are not what was published."""
    with as_dagster_failure():
        slices = (
            Slice(lakehouse.lake, table.contract, Month(month))
            for table in domain.present(lakehouse.settings)
            for month in published_months(lakehouse.lake, table.domain, table.name)
            if months is None or month in months
        )
        refuse_damaged(slices if lakehouse.lake.is_local else ())


def _note(rows: list[LedgerRow], usage: JobFigures, lakehouse: Lakehouse) -> None:
    """Write what a call's jobs took into its rows of the ledger."""
    for row in rows:
        note_usage(row, usage, lakehouse.settings.bigquery_usd_per_tib)


def _note_quiet_months(rows: list[LedgerRow], lakehouse: Lakehouse, domain: Domain) -> None:
    """Write down which marts have no row of a month now that it is built.

    A mart over purchases has none of a month without a purchase; one that loses its rows later is
    told from it by this.
    """
    manifest = json.loads(manifest_path().read_text())
    region = lakehouse.settings.gcp_region
    found = mart_months(manifest, domain, lakehouse.warehouse, region)
    for row in rows:
        row.without_rows = found.without(row.first_day)


def _state(lakehouse: Lakehouse, domain: Domain) -> ModelState:
    rows = lakehouse.ledger.rows(domain.dataset)
    return model_state(lakehouse.lake, lakehouse.warehouse, domain, rows)


@dataclass(frozen=True)
class Build:
    """What a call of dbt builds.

    Attributes:
        step: the ledger's name for it.
        built: the fingerprint of each month.
        rows: the rows that each month's models read.
        forgotten: the builds that it takes back before, by step; None for all months.
        read: the months whose files it reads; None for all.
    """

    step: str
    built: Mapping[date, str]
    rows: Mapping[date, int]
    forgotten: Mapping[str, Collection[date] | None]
    read: list[date] | None


@contextmanager
def _recorded(
    context: dg.AssetExecutionContext,
    lakehouse: Lakehouse,
    domain: Domain,
    models: dg.AssetsDefinition,
    build: Build,
) -> Iterator[list[LedgerRow]]:
    """Write into ledger and warehouse which months' models the block builds, and how it ended.

    The warehouse forgets them before and notes them when all is there: killed between, they are
    built again. The block gets the ledger's rows, and may add to them.

    Args:
        context: says what is selected.
        lakehouse: gives ledger and warehouse.
        domain: whose models they are.
        models: all that belong together.
        build: what is built.
    """
    noted: list[LedgerRow] = []
    warehouse = lakehouse.warehouse
    # A part of the models does not make a month up to date, nor out of date.
    whole = context.selected_asset_keys == models.keys
    with ExitStack() as stack:
        if whole:
            for month, fingerprint in build.built.items():
                attempt = lakehouse.ledger.attempt(
                    domain.dataset, build.step, Month(month), context.run_id
                )
                row = stack.enter_context(attempt)
                row.load_key, row.rows_read = fingerprint, build.rows[month]
                row.months_in_call, row.engine = len(build.built), warehouse.kind
                noted.append(row)
        # First: nothing is taken back for a build that cannot begin.
        _refuse_damaged(lakehouse, domain, build.read)
        if whole:
            with as_dagster_failure():
                before = warehouse.forget_builds(domain.dataset, build.forgotten)
            for row in noted:
                row.warehouse, row.generation = before.identity, before.generation
        yield noted
        selected = context.selected_asset_keys
        names = {f"{owner}_{layer}.{name}" for owner, layer, name in (k.path for k in selected)}
        tables = names & set(model_tables(domain.name))
        done = build.built if whole else {}
        with as_dagster_failure():
            after = warehouse.note_builds(domain.dataset, build.step, done, tables)
        for row in noted:
            row.generation = after.generation


def _run(
    context: dg.AssetExecutionContext,
    dbt: FastDbt,
    lakehouse: Lakehouse,
    domain: Domain,
    state: ModelState,
    window: tuple[date, date] | None,
    checked: tuple[date, date] | None = None,
    *,
    new_tables: bool = False,
) -> Generator[Any, None, JobFigures]:
    """Run dbt; its events follow when it has ended, with the row counts of what it built.

    Returns:
        What its jobs took, where the engine charges for them.
    """
    settings = lakehouse.settings
    for table in domain.all_tables:  # models read all of them, empty or not
        lakehouse.warehouse.show_raw(table.contract, lakehouse.lake)
    lakehouse.warehouse.await_turn()
    # A folder of its own; the partial parse comes from the parsed project (DBT_TARGET_PATH).
    name = f"run-{context.run_id[:8]}-{context.op_execution_context.op.name}"
    target = calls_path(settings) / name
    events: list[Any] = []
    started, usage = datetime.now(UTC), JobFigures()
    labels = {"run": context.run_id}
    if window:
        labels["partition"] = f"{window[0]}_{window[1]}"
    try:
        with dbt_variables(settings, checked, labels, state.behind):
            arguments = build_arguments(window, new_tables=new_tables)
            call = dbt.cli(arguments, context=context, target_path=target)
            events.extend(call.stream())
    finally:
        # Counted now: while dbt runs, DuckDB shuts every other process out.
        usage = _add_figures(context, lakehouse, events, started)
        yield from events
    # A failed call keeps its folder for the log in it; the next one that goes well sweeps.
    for left in target.parent.glob("run-*"):
        if left == target or time.time() - left.stat().st_mtime > KEEP_FAILED_CALLS_S:
            shutil.rmtree(left, ignore_errors=True)
    return usage


def _add_figures(
    context: dg.AssetExecutionContext, lakehouse: Lakehouse, events: list[Any], started: datetime
) -> JobFigures:
    """Add each built table's rows, and what its jobs took, to its metadata; gives their sum."""
    warehouse, price = lakehouse.warehouse, lakehouse.settings.bigquery_usd_per_tib
    usage = usage_by_asset(warehouse, context.run_id, started)
    outputs = [event for event in events if isinstance(event, dg.Output)]
    with warehouse.held_open() if outputs else nullcontext():
        for event in outputs:
            key = context.asset_key_for_output(event.output_name)
            schema, name = f"{key.path[0]}_{key.path[1]}", key.path[2]
            figures = usage.get(asset_label(schema, name), JobFigures())
            rows = warehouse.count_rows(f"{schema}.{name}")
            metadata = usage_metadata(figures, price)
            if rows is not None:
                metadata["dagster/row_count"] = rows
            if metadata:
                context.add_asset_metadata(metadata, asset_key=key)
    return total(usage.values())
