"""Which months of a source table are loaded, why, and how large each is: before anything runs.

Belongs here: asking the source, the files in the lake and the record of earlier loads. Stays out:
models, and what it costs (`plan.py`). Loads are decided by what runs decide by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import dagster as dg

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.domains.registry import SourceTable
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.failures import (
    CredentialsMissing,
    CredentialsRefused,
    LakehouseError,
    TransientFailure,
)
from ecommerce_assets.lib.ingest.fetch import MONTH_BY_MONTH, fetched, silence_note
from ecommerce_assets.lib.ingest.month_file import load_key
from ecommerce_assets.lib.ingest.originals import Fetched
from ecommerce_assets.lib.lake.changes import content_of
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import LAYERS, LedgerRow
from ecommerce_assets.lib.lake.quarantine import Quarantine
from ecommerce_assets.lib.lake.slices import Key, Month, Slice
from ecommerce_assets.lib.months import MONTH_FORMAT
from ecommerce_assets.lib.sources.protocol import SourceFile
from ecommerce_assets.planning.cost_history import shipped_costs
from ecommerce_assets.planning.size import Footprint, footprint
from ecommerce_assets.settings import Settings

#: Failures that are the same whatever month is asked for.
SILENT = (TransientFailure, CredentialsMissing, CredentialsRefused)
#: Statuses of an attempt after which a layer is what it should be.
GOOD = ("loaded", "unchanged")


@dataclass(frozen=True)
class Load:
    """A slice's way from its source to a raw table.

    Attributes:
        table: the source table.
        slice_: which part of it.
        why: why it is gone; None where the slice is up to date.
        fetches: whether the file is fetched.
        reads: whether the file is read into the lake.
        problem: why the load will fail, where that is known before.
        size: of the file.
        kind: of its source.
    """

    table: SourceTable
    slice_: Slice
    why: str | None
    fetches: bool
    reads: bool
    problem: str | None
    size: Footprint
    kind: str

    @property
    def due(self) -> bool:
        """Whether the slice is touched."""
        return bool(self.why)

    @property
    def month(self) -> date:
        """The first day of the slice's month."""
        return self.slice_.month


@dataclass(frozen=True)
class Offers:
    """What the source lists: files by month, reasons for months without one, or its failure."""

    kind: str
    files: Mapping[date, SourceFile] = field(default_factory=dict)
    problems: Mapping[date, str] = field(default_factory=dict)
    failure: LakehouseError | None = None

    @property
    def is_silent(self) -> bool:
        """Whether asking for a single month would end as asking for all of them did."""
        return isinstance(self.failure, SILENT)


def loads_of(
    settings: Settings,
    table: SourceTable,
    offers: Offers,
    lake: Lake,
    instance: dg.DagsterInstance,
    months: Sequence[date],
    rows: Sequence[LedgerRow],
) -> list[Load]:
    """Each month's load of a table."""
    contract = table.contract
    own = [row for row in rows if row.dataset == contract.dataset]
    past = [r for r in own if r.step == "lake" and r.status == "loaded" and r.rows_received]
    unrecorded = _unrecorded(instance, contract, months)
    latest = {(row.step, row.key): row for row in own}
    warehouse = warehouse_of(settings)
    shown = warehouse.shows(contract, lake)
    copied = warehouse.builds(()).months(contract.dataset, "raw") if warehouse.copies_raw else None
    shipped, loads = shipped_costs(), []
    for month in months:
        slice_ = Slice(lake, contract, Month(month))
        note, offered = fetched(slice_), offers.files.get(month)
        footer = slice_.footer()[0] if slice_.is_published else None
        fetches = _why_fetched(slice_, offers, note)
        reads = "its file is fetched" if fetches else _why_read(slice_, note, footer)
        why = fetches or reads or _why_recorded(latest, slice_.key, shown)
        if copied is not None and footer and copied.get(month) != content_of(footer):
            why = why or "the warehouse does not hold what the lake does"
        why = why or unrecorded.get(month)
        size = footprint(
            offers.kind,
            *_shares(offered, note),
            int(footer["rows_received"]) if footer else None,
            past,
            shipped.bytes_per_row,
            shipped.rows_per_month,
        )
        problem = offers.problems.get(month)
        if offers.is_silent:
            problem = str(offers.failure)
        found = Load(table, slice_, why, bool(fetches), bool(reads), problem, size, offers.kind)
        loads.append(found)
    return loads


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


def offers_of(settings: Settings, table: SourceTable, months: Sequence[date]) -> Offers:
    """Ask the source once for everything, and once more for each month that it did not list."""
    problems, kind = {}, "files"
    try:
        source = table.source(settings)
        kind = source.kind
        files = source.available()
    except LakehouseError as failure:
        return Offers(kind, failure=failure)
    silence_note(settings.home / "downloads", table.contract).unlink(missing_ok=True)
    for month in set(months) - files.keys():
        try:
            files[month] = source.find(month)
        except LakehouseError as problem:
            if isinstance(problem, TransientFailure) and kind not in MONTH_BY_MONTH:
                return Offers(kind, failure=problem)  # as silent on every other month
            problems[month] = str(problem)
    return Offers(source.kind, files, problems)


def why_down(settings: Settings, table: SourceTable) -> LakehouseError | None:
    """Why a table's source answers no month now, after its own retries; None where it may."""
    try:
        table.source(settings).available()
    except SILENT as failure:
        return failure
    except LakehouseError:
        return None  # what is wrong with one month need not be with another
    return None


def _why_fetched(slice_: Slice, offers: Offers, note: Fetched | None) -> str | None:
    """Why the slice's file is fetched; the same question that `fetch_month` asks."""
    month = slice_.month
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
    return None if slice_.lake.exists(note.key) else "the fetched file is gone"


def _why_read(slice_: Slice, note: Fetched | None, footer: Mapping[str, str] | None) -> str | None:
    """Why the slice's file is read into the lake; the same question that `ingest_slice` asks."""
    if note is None or footer is None:
        return "not in the lake"
    contract = slice_.contract
    key = load_key(contract, slice_.key, note.sha256)
    if footer["load_key"] != key:
        if footer["source_sha256"] != note.sha256:
            return "fetched and not loaded"
        same = footer["contract_fingerprint"] == contract.fingerprint
        return "loading code changed" if same else "contract changed"
    if not slice_.lake.exists(Quarantine(slice_).key(key)):
        return "its quarantine is gone"
    return None


def _why_recorded(latest: Mapping[tuple[str, Key], LedgerRow], key: Key, shown: bool) -> str | None:
    """Why a slice that lies in the lake is taken to the raw table again, by the ledger."""
    if not shown:
        return "raw table missing"
    steps = [latest.get((step, key)) for step in LAYERS]
    for step, row in zip(LAYERS, steps, strict=True):
        if row and row.status not in GOOD:
            return f"last attempt of {step} {row.status}"
    replay, raw = latest.get(("replay", key)), steps[-1]
    if replay and (raw is None or raw.order < replay.order):
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
