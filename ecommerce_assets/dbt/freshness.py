"""Which months' models are up to date with the lake and with the SQL, and why not.

Belongs here: the fingerprint of what a month's models were built from, and the decision what is
rebuilt, which plans and runs share. Stays out: building (`defs/dbt/assets.py`), what the warehouse
holds (`holdings.py`). The warehouse's own word decides; the ledger, which knows attempts at any
warehouse by their order, only adds failures and reasons.

A month's models depend on the SQL and on the content of the month and of its neighbours. A
fingerprint is those four, shortened and joined by dots, so that what differs can be named.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from ecommerce_assets.dbt.holdings import MONTHLY, UNPARTITIONED, Holdings, holdings
from ecommerce_assets.dbt.project import PROJECT, project_files
from ecommerce_assets.domains.registry import DOMAINS, Domain, SourceTable
from ecommerce_assets.lib.lake.changes import content_of
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import LAYERS, Ledger, LedgerRow, newest_failures
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets.lib.months import next_month, previous_month
from ecommerce_assets.lib.warehouse.builds import Builds
from ecommerce_assets.lib.warehouse.protocol import Warehouse
from ecommerce_assets.settings import load_settings

#: The ledger's name of the step that brings a month into the warehouse.
RAW = "raw"
#: Content of a month that is about to be loaded: like no other.
TO_BE_LOADED = "to be loaded"
#: Characters of each part of a fingerprint: 48 bits.
PART = 12


@dataclass(frozen=True)
class ModelState:
    """What there is to build models from, and what they were built from.

    Attributes:
        contents: names the content of each published month; see `changes.content_of`.
        rows: the rows of each published month.
        built: the newest ledger row of each month's models.
        history: the newest ledger row of the models over all months.
        project: fingerprint of the dbt project.
        held: what the warehouse itself holds.
        months: the domain's; a month that is published and lies outside them is left alone. None:
            every month is the domain's.
        behind: of a domain with several sources, those whose newest attempt at a month failed.
    """

    contents: Mapping[date, str]
    rows: Mapping[date, int]
    built: Mapping[date, LedgerRow]
    history: LedgerRow | None
    project: str
    held: Holdings
    months: Collection[date] | None = None
    behind: Mapping[date, str] = field(default_factory=dict)

    @property
    def own_months(self) -> list[date]:
        """The published months that are the domain's, oldest first."""
        return [m for m in sorted(self.contents) if self.months is None or m in self.months]

    @property
    def outside(self) -> list[date]:
        """The published months that the domain's months leave out, oldest first."""
        return sorted(self.contents.keys() - set(self.own_months))

    @property
    def built_months(self) -> list[date]:
        """The months whose models the warehouse holds, whatever they were built from."""
        return sorted(self.held.months)

    @property
    def without_damage(self) -> "ModelState":
        """The state as the builds left it, for those who look at the tables themselves."""
        return replace(self, held=replace(self.held, damage={}))

    def after_loading(self, months: Collection[date]) -> "ModelState":
        """The state when these months will have been loaded, each with content of its own."""
        return replace(self, contents={**self.contents, **dict.fromkeys(months, TO_BE_LOADED)})


@dataclass(frozen=True)
class ModelWork:
    """What is built: months with their reasons, and why the models over all months are."""

    months: Mapping[date, str] = field(default_factory=dict)
    history: str | None = None


def model_state(
    lake: Lake, warehouse: Warehouse, domain: Domain, rows: list[LedgerRow]
) -> ModelState:
    """Read the state of a domain's models.

    Args:
        lake: gives the published months.
        warehouse: says what it holds.
        domain: names the data sets.
        rows: the ledger's rows, oldest first.

    Raises:
        LakehouseError: the warehouse cannot be read.
    """
    held = holdings(warehouse, domain)
    own = [row for row in rows if row.dataset == domain.dataset]
    contents: dict[date, str] = {}
    counts: dict[date, int] = {}
    for table in domain.tables:
        for month in published_months(lake, table.domain, table.name):
            footer, number = Slice(lake, table.contract, Month(month)).footer()
            counts[month] = counts.get(month, 0) + number
            name = content_of(footer)
            if warehouse.copies_raw:
                # Models read the copy: until it follows the lake, they are built from neither.
                copied = held.builds.built.get((table.contract.dataset, RAW, month))
                name = name if copied == name else f"{name} beside {copied}"
            name = _content_name(domain, table, name)
            contents[month] = f"{contents[month]}|{name}" if month in contents else name
    return ModelState(
        contents=dict(sorted(contents.items())),
        rows=counts,
        built={row.first_day: row for row in own if row.step == MONTHLY},
        history=_newest([row for row in own if row.step == UNPARTITIONED], held.builds),
        project=project_fingerprint(domain),
        held=held,
        months=domain.months(load_settings()),
        behind=_behind(lake, domain),
    )


def _newest(rows: Sequence[LedgerRow], builds: Builds) -> LedgerRow | None:
    """The newest of attempts of different months: their sequences say nothing of each other.

    The warehouse's generation does; an attempt that noted none counts as of the one before.
    """
    newest, reached, generation = None, -1, 0
    for row in rows:
        if row.warehouse == builds.identity and row.generation is not None:
            generation = row.generation
        if generation >= reached:
            newest, reached = row, generation
    return newest


def content_of_month(lake: Lake, domain: Domain, month: date) -> str | None:
    """Names the content of one published month, as `model_state` does; None if there is none."""
    names = []
    for table in domain.tables:
        slice_ = Slice(lake, table.contract, Month(month))
        if slice_.is_published:
            footer, _ = slice_.footer()
            names.append(_content_name(domain, table, content_of(footer)))
    return "|".join(names) or None


def _content_name(domain: Domain, table: SourceTable, content: str) -> str:
    """A domain of several tables: which of them a month has is part of its content."""
    return content if len(domain.tables) == 1 else f"{table.name}={content}"


def _behind(lake: Lake, domain: Domain) -> dict[date, str]:
    """By month, the sources of a domain that failed, and of which day their rows are."""
    if len(domain.tables) == 1:
        return {}  # the month itself says so
    found: dict[date, list[str]] = {}
    settings = load_settings()
    months = set(domain.months(settings))
    for table in domain.present(settings):
        own = Ledger(lake).rows(table.contract.dataset)
        last_good = {
            row.first_day: row.finished_at or row.started_at
            for row in own
            if row.step == "lake" and row.status in ("loaded", "unchanged")
        }
        failed = [row for row in newest_failures(own) if row.step in LAYERS]
        for month in sorted({row.first_day for row in failed} & months):
            day = last_good.get(month)
            what = f"rows of {day[:10]}" if day else "never loaded"
            name = table.name.partition("_")[2] or table.name
            found.setdefault(month, []).append(f"{name}: {what}")
    return {month: "; ".join(texts) for month, texts in sorted(found.items())}


def models_due(
    state: ModelState,
    months: Collection[date],
    *,
    force: bool = False,
    all_because: str | None = None,
) -> ModelWork:
    """What has to be built when these months were loaded or found up to date.

    Their own models and their neighbours' are built where they are not up to date; a month that is
    not published has none, and one outside the domain's months is left alone.

    Args:
        state: before a plan `state.after_loading(…)`, in a run what is true then.
        months: the months that were asked for and did not fail.
        force: build the models of all given months, up to date or not.
        all_because: why all published months are built, as after a change of columns; None where
            they need not.
    """
    if all_because and state.own_months:
        return ModelWork(dict.fromkeys(state.own_months, all_because), "months are built")
    near = {other for m in months for other in (previous_month(m), m, next_month(m))}
    due = {}
    for month in sorted(near & set(state.own_months)):
        reason = why_stale(state, month)
        if reason or (force and month in months):
            due[month] = reason or "forced"
    if not due and not state.built_months:
        return ModelWork()  # models over all months have nothing to read
    history = "months are built" if due else why_history_is_stale(state)
    return ModelWork(due, history)


def why_stale(state: ModelState, month: date) -> str | None:
    """Why a published month's models are not up to date; None where they are."""
    row, held = state.built.get(month), state.held.months.get(month)
    why_not_there = _why_not_there(state, MONTHLY, row, held)
    if why_not_there or held is None:
        return why_not_there
    reason = _difference(held, month_fingerprint(state, month), month)
    return (
        f"the warehouse is of an earlier state: {reason}" if reason and _restored(state) else reason
    )


def why_history_is_stale(state: ModelState) -> str | None:
    """Why the models over all months are not up to date; None where they are."""
    if not state.contents:
        return None
    held = state.held.history
    why_not_there = _why_not_there(state, UNPARTITIONED, state.history, held)
    if why_not_there or held is None:
        return why_not_there
    before, now = held.split("."), history_fingerprint(state).split(".")
    if before == now:
        return None
    if len(before) != len(now):
        return "built by an earlier version of this software"
    if before[0] != now[0]:
        return "the models' SQL changed"
    return "months were built since" if before[1] != now[1] else "a source failed or answers again"


def _why_not_there(
    state: ModelState, step: str, row: LedgerRow | None, held: str | None
) -> str | None:
    """Why the warehouse does not hold a build, whatever it was made from; None where it does.

    Args:
        state: the domain's.
        step: of the ledger.
        row: the newest attempt.
        held: the fingerprint that the warehouse noted.
    """
    identity = state.held.builds.identity
    elsewhere = row is not None and row.warehouse is not None and row.warehouse != identity
    if row and row.status != "loaded" and not elsewhere:
        return f"last build {row.status}"
    if held is not None:
        return state.held.damage.get(step)
    if row is None:
        return "models missing"
    if elsewhere:
        return "built in another warehouse, and this one does not hold it"
    if _restored(state):
        return "the warehouse is of an earlier state, which does not hold it"
    if row.warehouse is None and state.held.builds.tables:
        return "the warehouse has no record of the build, as an earlier version leaves none"
    return "the warehouse does not hold it"


def _restored(state: ModelState) -> bool:
    """Whether a build left the warehouse further on than it is: it was put back since."""
    builds = state.held.builds
    rows = [*state.built.values(), *([state.history] if state.history else [])]
    return any(
        row.warehouse == builds.identity and (row.generation or 0) > builds.generation
        for row in rows
    )


def is_of_other_sql(state: ModelState, row: LedgerRow) -> bool:
    """Whether a month's models were built by other SQL than there is now."""
    return (row.load_key or "").partition(".")[0] != state.project[:PART]


def stale_months(state: ModelState) -> list[date]:
    """The domain's published months whose models are missing or built from something else."""
    return [month for month in state.own_months if why_stale(state, month)]


def stale_outside(state: ModelState) -> list[date]:
    """The published months outside the domain's whose models are not up to date, nor will be."""
    return [month for month in state.outside if why_stale(state, month)]


def project_fingerprint(domain: Domain, project: Path = PROJECT) -> str:
    """SHA-256 over the names and contents of everything that makes a domain's models.

    Args:
        domain: what another domain has alone does not count.
        project: the dbt project.
    """
    digest = hashlib.sha256()
    for value in domain.unusual_values(load_settings()):  # another source is other rows
        digest.update(value.encode())
    others = DOMAINS.keys() - {domain.name}
    for path in project_files(project):
        if others & set(path.relative_to(project).parts[:-1]):
            continue
        digest.update(f"{path.relative_to(project)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def month_fingerprint(state: ModelState, month: date) -> str:
    """What a month's models are made from: the SQL, and the content of it and its neighbours."""
    near = (previous_month(month), month, next_month(month))
    parts = [_short(state.contents[m]) if m in state.contents else "-" for m in near]
    return ".".join([state.project[:PART], *parts])


def history_fingerprint(state: ModelState) -> str:
    """What the models over all months are made from: the SQL, and what each month was built from.

    Not the months' content: a month that is loaded and whose models failed is not in them.
    """
    months = [f"{month}={state.held.months[month]}" for month in state.built_months]
    behind = _short(str(sorted(state.behind.items()))) if state.behind else "-"
    return f"{state.project[:PART]}.{_short('|'.join(months))}.{behind}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:PART]


def _difference(before: str, now: str, month: date) -> str | None:
    """What differs between two fingerprints of a month, in words."""
    old, new = before.split("."), now.split(".")
    if old == new:
        return None
    if len(old) != len(new):
        return "built by an earlier version of this software"
    project, *near = (a != b for a, b in zip(old, new, strict=True))
    reasons = ["the models' SQL changed"] if project else []
    if near[1]:
        reasons.append("month changed")
    for place, other in ((0, previous_month(month)), (2, next_month(month))):
        if near[place]:
            what = "is new" if old[place + 1] == "-" else "changed"
            reasons.append(f"neighbour {other:%Y-%m} {what}")
    return ", ".join(reasons)
