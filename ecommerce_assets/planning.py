"""What a backfill would touch, and why: decided before anything runs, by what runs decide by.

Belongs here: which months are loaded, which models are built, whether the readers' copy is renewed,
and how large all of it is. Stays out: doing it (`runner.py`), what it costs (`lib/costs.py`), how
it is shown (`plan_text.py`).

Loads are decided by the source's listing, the files in the lake and the record of earlier loads.
Models are decided by `freshness.models_due`: a plan asks it as if every load had changed its month,
a run asks it again when the loads are done. A month that turns out to be the same as before
therefore costs less than its plan said, never more.
"""

import socket
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import dagster as dg

from ecommerce_assets.defs.dbt.freshness import MONTHLY, ModelWork, model_state, models_due
from ecommerce_assets.domains.registry import Domain, SourceTable
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.cost_history import call_size, fetch_step, history_of, shipped_costs
from ecommerce_assets.lib.costs import Estimate, Work, estimate
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.fetch import Fetched, fetched
from ecommerce_assets.lib.footprint import Footprint, footprint
from ecommerce_assets.lib.ingest import load_key, read_footer
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger, LedgerRow
from ecommerce_assets.lib.quarantine import Quarantine
from ecommerce_assets.lib.sources.protocol import SourceFile
from ecommerce_assets.opening import lake_of, warehouse_of
from ecommerce_assets.partitions import MONTH_FORMAT, next_month
from ecommerce_assets.settings import Settings

LAYERS = ("files", "lake", "raw")
#: Statuses of an attempt after which a layer is what it should be.
GOOD = ("loaded", "unchanged")
#: Steps whose cost is estimated on its own; the rest of a command is its overhead.
TIMED = ("files", "lake", "models", "history", "copy")


@dataclass(frozen=True)
class Load:
    """One month's way from its file to a raw table.

    Attributes:
        table: the source table.
        why: why it is gone; None where the month is up to date.
        fetches: whether the file is fetched.
        reads: whether the file is read into the lake.
        problem: why the load will fail, where that is known before.
        size: of the file.
        kind: of its source.
    """

    table: SourceTable
    month: date
    why: str | None
    fetches: bool
    reads: bool
    problem: str | None
    size: Footprint
    kind: str

    @property
    def due(self) -> bool:
        """Whether the month is touched."""
        return bool(self.why)


@dataclass(frozen=True)
class Plan:
    """What a backfill of some months would do.

    Attributes:
        domain: whose months they are.
        months: that were asked for.
        loads: one per source table and month, those that are up to date too.
        models: months of models with their reasons, and why the models over all months are built.
        copy: why the readers' copy is renewed; None where it is not.
        rows: of each month's models, by month.
        size: partitions, rows and bytes of the work.
        cost: what it will take.
        listing: why the source could not be asked; None where it answered.
        force: whether the models were to be built in any case.
        engine: the warehouse's kind.
    """

    domain: Domain
    months: Sequence[date]
    loads: Sequence[Load]
    models: ModelWork
    copy: str | None
    rows: Mapping[date, int]
    size: "Size"
    cost: Estimate
    listing: LakehouseError | None
    force: bool
    engine: str

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


@dataclass(frozen=True)
class _Offers:
    """What the source lists: files by month, reasons for months without one, or its failure."""

    kind: str
    files: Mapping[date, SourceFile] = field(default_factory=dict)
    problems: Mapping[date, str] = field(default_factory=dict)
    failure: LakehouseError | None = None


def make_plan(
    settings: Settings,
    domain: Domain,
    instance: dg.DagsterInstance,
    months: Sequence[date],
    *,
    force: bool = False,
) -> Plan:
    """Decide what a backfill of months would do; nothing is changed.

    Args:
        settings: the environment.
        domain: whose months they are; tables without a source are left out.
        instance: Dagster's, for its record of materialised partitions.
        months: ascending.
        force: build the models of all given months, stale or not.
    """
    lake = lake_of(settings)
    names = {table.contract.dataset for table in domain.tables}
    # Other domains' rows cost something else.
    rows = [r for r in Ledger(lake).rows() if r.dataset in names or r.dataset.startswith("ops.")]
    loads: list[Load] = []
    failure: LakehouseError | None = None
    for table in domain.present(settings):
        found, refused = _loads(settings, table, lake, instance, months, rows)
        loads, failure = loads + found, failure or refused
    state = model_state(lake, domain, rows)
    bad = {load.month for load in loads if load.problem}
    good = [month for month in months if month not in bad]
    after = state.after_loading({load.month for load in loads if load.reads and not load.problem})
    models = models_due(after, good, force=force)
    copy = why_copy(settings, models)
    sizes = {m: sum(load.size.rows for load in loads if load.month == m) for m in months}
    read = {load.month for load in loads if load.reads and not load.problem}
    expected = {m: sizes[m] if m in read else state.rows[m] for m in after.contents}
    work = _work(settings, loads, models, copy, expected)
    shipped = shipped_costs()
    engine = warehouse_of(settings).kind
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
        listing=failure,
        force=force,
        engine=engine,
    )


def why_copy(settings: Settings, models: ModelWork) -> str | None:
    """Why the readers' copy is renewed when these models were built; None where it is not."""
    if models.months or models.history:
        return "models are built"
    copy, warehouse = settings.published_path, Path(settings.warehouse_uri)
    if not warehouse.exists():
        return None
    if not copy.exists():
        return "copy missing"
    behind = copy.stat().st_mtime_ns < warehouse.stat().st_mtime_ns
    return "older than the warehouse" if behind else None


def contiguous(months: Collection[date]) -> list[tuple[date, date]]:
    """The ranges, first and last month included, that months fall into."""
    ranges: list[tuple[date, date]] = []
    for month in sorted(months):
        if ranges and next_month(ranges[-1][1]) == month:
            ranges[-1] = (ranges[-1][0], month)
        else:
            ranges.append((month, month))
    return ranges


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


def _loads(
    settings: Settings,
    table: SourceTable,
    lake: Lake,
    instance: dg.DagsterInstance,
    months: Sequence[date],
    rows: Sequence[LedgerRow],
) -> tuple[list[Load], LakehouseError | None]:
    """Each month's load of a table, and why its source could not be asked."""
    contract, offers = table.contract, _offers(settings, table, months)
    own = [row for row in rows if row.dataset == contract.dataset]
    past = [r for r in own if r.step == "lake" and r.status == "loaded" and r.rows_received]
    unrecorded = _unrecorded(instance, contract, months)
    latest = {(row.step, row.month): row for row in own}
    shown = warehouse_of(settings).shows(contract, lake)
    shipped, loads = shipped_costs(), []
    for month in months:
        note, offered = fetched(lake, contract, month), offers.files.get(month)
        published = lake.exists(lake.parquet_key(contract.domain, contract.table, month))
        footer = read_footer(lake, contract, month)[0] if published else None
        fetches = _why_fetched(lake, offers, month, note)
        reads = "its file is fetched" if fetches else _why_read(lake, contract, month, note, footer)
        why = fetches or reads or _why_recorded(latest, month, shown) or unrecorded.get(month)
        size = footprint(
            offers.kind,
            *_shares(offered, note),
            int(footer["rows_received"]) if footer else None,
            past,
            shipped.bytes_per_row,
            shipped.rows_per_month,
        )
        problem = offers.problems.get(month)
        found = Load(table, month, why, bool(fetches), bool(reads), problem, size, offers.kind)
        loads.append(found)
    return loads, offers.failure


def _shares(
    offered: SourceFile | None, note: Fetched | None
) -> tuple[SourceFile | None, Fetched | None]:
    """A month's share of a file: its size spread over the months that it holds."""
    if offered is None or offered.shared_by == 1:
        return offered, note
    months = offered.shared_by
    if offered.size:
        offered = replace(offered, size=offered.size // months)
    return offered, replace(note, size=note.size // months) if note else None


def _offers(settings: Settings, table: SourceTable, months: Sequence[date]) -> _Offers:
    """Ask the source once for everything, and once more for each month that it did not list."""
    problems, kind = {}, "files"
    try:
        source = table.source(settings)
        kind = source.kind
        files = source.available()
    except LakehouseError as failure:
        return _Offers(kind, failure=failure)
    for month in set(months) - files.keys():
        try:
            files[month] = source.find(month)
        except LakehouseError as problem:
            problems[month] = str(problem)
    return _Offers(source.kind, files, problems)


def _why_fetched(lake: Lake, offers: _Offers, month: date, note: Fetched | None) -> str | None:
    """Why the month's file is fetched; the same question that `fetch_month` asks."""
    if offers.failure:
        return "the source could not be asked"
    if month in offers.problems:
        return "its file cannot be had"
    if note is None:
        return "missing"
    if note.kind != offers.kind:
        return f"another source: {offers.kind} instead of {note.kind}"
    if note.version != f"{offers.kind}:{offers.files[month].version}":
        return "source has another version"
    return None if lake.exists(note.key) else "the fetched file is gone"


def _why_read(
    lake: Lake,
    contract: TableContract,
    month: date,
    note: Fetched | None,
    footer: Mapping[str, str] | None,
) -> str | None:
    """Why the month's file is read into the lake; the same question that `ingest_month` asks."""
    if note is None or footer is None:
        return "not in the lake"
    key = load_key(contract, month, note.sha256)
    if footer["load_key"] != key:
        if footer["source_sha256"] != note.sha256:
            return "fetched and not loaded"
        same = footer["contract_fingerprint"] == contract.fingerprint
        return "loading code changed" if same else "contract changed"
    if not lake.exists(Quarantine(lake, contract, month).key(key)):
        return "its quarantine is gone"
    return None


def _why_recorded(
    latest: Mapping[tuple[str, str], LedgerRow], month: date, shown: bool
) -> str | None:
    """Why a month that lies in the lake is taken to the raw table again, by the ledger."""
    if not shown:
        return "raw table missing"
    steps = [latest.get((step, f"{month}")) for step in LAYERS]
    for step, row in zip(LAYERS, steps, strict=True):
        if row and row.status not in GOOD:
            return f"last attempt of {step} {row.status}"
    replay, raw = latest.get(("replay", f"{month}")), steps[-1]
    if replay and (raw is None or raw.started_at < replay.started_at):
        return "quarantine replayed"
    return None


def _unrecorded(
    instance: dg.DagsterInstance, contract: TableContract, months: Sequence[date]
) -> dict[date, str]:
    """The months that Dagster does not show as materialised in order, with the reason."""
    keys = {f"{month:{MONTH_FORMAT}}" for month in months}
    found = [
        instance.get_latest_storage_id_by_partition(
            dg.AssetKey([contract.domain, layer, contract.table]),
            dg.DagsterEventType.ASSET_MATERIALIZATION,
            keys,
        )
        for layer in LAYERS
    ]
    reasons = {}
    for month in months:
        places = [layer.get(f"{month:{MONTH_FORMAT}}") for layer in found]
        missing = [layer for layer, place in zip(LAYERS, places, strict=True) if place is None]
        if missing:
            reasons[month] = f"Dagster has no record of {', '.join(missing)}"
        elif places != sorted(places, key=lambda place: place or 0):
            reasons[month] = "a layer was renewed and the next one was not"
    return reasons


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
