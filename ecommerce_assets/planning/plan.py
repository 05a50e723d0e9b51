"""What a backfill would touch, and why: decided before anything runs, by what runs decide by.

Belongs here: which models are built, whether the readers' copy is renewed, and how large all of it
is. Stays out: which months are loaded (`loads.py`), doing it (`running/runner.py`), what it costs
(`cost.py`), how it is shown (`words.py`).

Loads are decided by the source's listing, the files in the lake and the record of earlier loads.
Models are decided by `freshness.models_due`: a plan asks it as if every load had changed its month,
a run asks it again when the loads are done. A month that turns out to be the same as before
therefore costs less than its plan said, never more.
"""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import dagster as dg

from ecommerce_assets.connect import lake_of, warehouse_of
from ecommerce_assets.dbt.freshness import ModelWork, model_state, models_due
from ecommerce_assets.dbt.holdings import MONTHLY
from ecommerce_assets.dbt.upgrade import why_all_months
from ecommerce_assets.domains.registry import Domain, SourceTable
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.lake.ledger import Ledger, LedgerRow
from ecommerce_assets.lib.months import contiguous
from ecommerce_assets.lib.warehouse.duckdb import DuckDBWarehouse
from ecommerce_assets.planning.cost import Estimate, Work, estimate
from ecommerce_assets.planning.cost_history import call_size, fetch_step, history_of, shipped_costs
from ecommerce_assets.planning.loads import SILENT, Load, Offers, loads_of, offers_of
from ecommerce_assets.planning.verdicts import verdicts_due
from ecommerce_assets.planning.words import outside_note
from ecommerce_assets.settings import Settings

#: Steps whose cost is estimated on its own; the rest of a command is its overhead.
TIMED = ("files", "lake", "models", "history", "copy")


@dataclass(frozen=True)
class Plan:
    """What a backfill of some months would do.

    Attributes:
        domain: whose months they are.
        months: that were asked for.
        loads: one per source table and month, those that are up to date too.
        models: months of models with their reasons, and why the models over all months are built.
        copy: why the readers' copy is renewed; None where it is not.
        truths: why figures are judged although no model is built; None where they are not.
        rows: of each month's models, by month.
        size: partitions, rows and bytes of the work.
        cost: what it will take.
        refusals: why sources could not be asked, by data set; those that answered are not here.
        force: whether the models were to be built in any case.
        engine: the warehouse's kind.
        outside: what is said of loaded months that are not the domain's; None where there are none.
    """

    domain: Domain
    months: Sequence[date]
    loads: Sequence[Load]
    models: ModelWork
    copy: str | None
    rows: Mapping[date, int]
    size: "Size"
    cost: Estimate
    refusals: Mapping[str, LakehouseError]
    force: bool
    engine: str
    outside: str | None = None
    truths: str | None = None

    @property
    def down(self) -> dict[str, LakehouseError]:
        """The refusals after which no month is asked for."""
        return {name: each for name, each in self.refusals.items() if isinstance(each, SILENT)}

    @property
    def due(self) -> list[Load]:
        """The loads that touch their month."""
        return [load for load in self.loads if load.due]


@dataclass(frozen=True)
class Size:
    """How much work: months loaded and months of models, counted together, their rows, bytes."""

    partitions: int = 0
    rows: int = 0
    bytes: int = 0


@dataclass
class Seen:
    """What plans made together ask for once: the ledger's rows, and what each table's source lists.

    Attributes:
        rows: of the whole ledger.
        offers: by data set and months.
        silent: of sources that could not be asked, by data set: they are not asked again.
    """

    rows: list[LedgerRow]
    offers: dict[tuple[str, tuple[date, ...]], Offers] = field(default_factory=dict)
    silent: dict[str, Offers] = field(default_factory=dict)

    def offers_of(self, settings: Settings, table: SourceTable, months: Sequence[date]) -> Offers:
        """What a table's source offers; asked where it was not yet."""
        dataset, key = table.contract.dataset, (table.contract.dataset, tuple(months))
        if dataset in self.silent:
            return self.silent[dataset]
        if key not in self.offers:
            self.offers[key] = offers_of(settings, table, months)
            if self.offers[key].is_silent:
                self.silent[dataset] = self.offers[key]
        return self.offers[key]


def make_plan(
    settings: Settings,
    domain: Domain,
    instance: dg.DagsterInstance,
    months: Sequence[date],
    *,
    force: bool = False,
    seen: Seen | None = None,
) -> Plan:
    """Decide what a backfill of months would do; nothing is changed.

    Args:
        settings: the environment.
        domain: whose months they are; tables without a source are left out.
        instance: Dagster's, for its record of materialised partitions.
        months: ascending.
        force: build the models of all given months, stale or not.
        seen: shared with other plans of the same moment.
    """
    lake = lake_of(settings)
    seen = seen or Seen(Ledger(lake).rows())
    names = {table.contract.dataset for table in domain.tables}
    # Other domains' rows cost something else.
    rows = [row for row in seen.rows if row.dataset in names or row.dataset.startswith("ops.")]
    loads, refusals = _loads(settings, domain, seen, instance, months, rows)
    warehouse = warehouse_of(settings)
    state = model_state(lake, warehouse, domain, rows)
    primary = domain.primary(settings)
    bad = {load.month for load in loads if load.problem and load.table == primary}
    good = [month for month in months if month not in bad]
    after = state.after_loading({load.month for load in loads if load.reads and not load.problem})
    all_because = why_all_months(state, warehouse_of(settings), domain.name)
    models = models_due(after, good, force=force, all_because=all_because)
    copy = why_copy(settings, models)
    due = not models.history and verdicts_due(settings, lake, domain, rows)
    sizes = {m: sum(load.size.rows for load in loads if load.month == m) for m in months}
    read = {load.month for load in loads if load.reads and not load.problem}
    expected = {m: sizes[m] if m in read else state.rows[m] for m in after.contents}
    work = _work(settings, loads, models, copy, expected)
    shipped = shipped_costs()
    engine = warehouse.kind
    history = history_of(rows, socket.gethostname(), engine, shipped.batch_rows)
    return Plan(
        domain=domain,
        months=months,
        loads=loads,
        models=models,
        copy=copy,
        rows={month: expected[month] for month in models.months},
        size=_size(loads, models, expected),
        cost=estimate(work, history, shipped),
        refusals=refusals,
        force=force,
        engine=engine,
        outside=outside_note(domain, state, domain.months(settings)),
        truths="verdicts do not hold" if due else None,
    )


def _loads(
    settings: Settings,
    domain: Domain,
    seen: Seen,
    instance: dg.DagsterInstance,
    months: Sequence[date],
    rows: Sequence[LedgerRow],
) -> tuple[list[Load], dict[str, LakehouseError]]:
    """The loads of all tables that have a source, and why sources could not be asked."""
    lake, loads, refusals = lake_of(settings), list[Load](), dict[str, LakehouseError]()
    for table in domain.present(settings):
        offers = seen.offers_of(settings, table, months)
        loads += loads_of(settings, table, offers, lake, instance, months, rows)
        if offers.failure:
            refusals[table.contract.dataset] = offers.failure
    return loads, refusals


def why_copy(settings: Settings, models: ModelWork) -> str | None:
    """Why the readers' copy is renewed when these models were built; None where it is not."""
    if models.months or models.history:
        return "models are built"
    warehouse = warehouse_of(settings)
    if not isinstance(warehouse, DuckDBWarehouse):
        return None
    return warehouse.why_copy_is_behind(settings.published_path)


def note_plan(row: LedgerRow, plan: Plan) -> None:
    """Write a plan's size and cost into the ledger row of its command."""
    seconds, megabytes = plan.cost.seconds, plan.cost.megabytes
    row.basis = plan.cost.basis
    row.estimated_seconds_low, row.estimated_seconds_high = seconds.low, seconds.high
    row.estimated_seconds, row.estimated_mb = seconds.mid, megabytes.mid
    row.estimated_mb_low, row.estimated_mb_high = megabytes.low, megabytes.high
    row.partitions_planned, row.rows_planned = plan.size.partitions, plan.size.rows
    row.bytes_planned = plan.size.bytes


def note_outcome(row: LedgerRow, own: Sequence[LedgerRow], partitions: int) -> None:
    """Write what was done into the ledger row of its command.

    Args:
        row: the command's.
        own: the rows that its process wrote meanwhile.
        partitions: months loaded and months of models built.
    """
    done = [each for each in own if each.status == "loaded"]
    loads = [each for each in done if each.step == "lake"]
    row.partitions_done = partitions
    row.rows_done = sum(each.rows_received or 0 for each in loads)
    row.rows_done += sum(each.rows_read or 0 for each in done if each.step == MONTHLY)
    row.bytes_done = sum(each.source_bytes or 0 for each in loads)
    row.step_seconds = round(sum(each.seconds or 0 for each in own if each.step in TIMED), 3)


def _work(
    settings: Settings,
    loads: Sequence[Load],
    models: ModelWork,
    copy: str | None,
    rows: Mapping[date, int],
) -> Work:
    """The sizes of all steps."""
    shipped, warehouse = shipped_costs(), Path(settings.warehouse_uri)
    good = [load for load in loads if load.due and not load.problem]
    calls = [
        [rows[month] for month in sorted(models.months) if first <= month <= last]
        for first, last in contiguous(models.months)
    ]
    total = float(sum(rows.values()))
    size = warehouse.stat().st_size if warehouse.exists() else 0
    runs = len([load for load in loads if load.due]) + len(calls) + bool(models.history or copy)
    sizes: dict[str, list[float]] = {"overhead": [float(runs)]}
    for load in good:
        if load.fetches:
            kind = fetch_step(load.kind)
            sizes.setdefault(kind, []).append(float(load.size.bytes))
    sizes["lake"] = [float(load.size.rows) for load in good if load.reads]
    sizes["models"] = [call_size(call, shipped.batch_rows) for call in calls]
    sizes["history"] = [total] if models.history else []
    sizes["copy"] = [max(size, total * shipped.warehouse_bytes_per_row)] if copy else []
    memory = {
        "overhead": [0.0],
        "lake": sizes["lake"],
        "models": [float(max(call)) for call in calls],
        "history": sizes["history"],
    }
    return Work(sizes, memory)


def _size(loads: Sequence[Load], models: ModelWork, rows: Mapping[date, int]) -> Size:
    good = [load for load in loads if load.due and not load.problem]
    return Size(
        partitions=len(good) + len(models.months),
        rows=sum(load.size.rows for load in good if load.reads)
        + sum(rows[month] for month in models.months),
        bytes=sum(load.size.bytes for load in good if load.reads),
    )
