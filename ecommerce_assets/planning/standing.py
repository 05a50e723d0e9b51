"""How a domain stands now: each month's rows and models, what failed, and what is not complete.

Belongs here: putting lake, ledger, models and verdicts together, and what each shortcoming means
for an exit code. Stays out: how it is shown (`cli/tables.py`), what is done about it (`plan.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ecommerce_assets.connect import warehouse_of
from ecommerce_assets.dbt.freshness import (
    ModelState,
    model_state,
    stale_outside,
    why_history_is_stale,
    why_stale,
)
from ecommerce_assets.domains.registry import Domain, SourceTable, contracts_of_all_tables
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import BAD, OVER_ALL_MONTHS, LedgerRow, newest_failures
from ecommerce_assets.lib.lake.slices import Month, published_months
from ecommerce_assets.lib.lake.undated import Undated, undated_of
from ecommerce_assets.lib.months import in_words, said_once
from ecommerce_assets.planning.verdicts import Tally, tally_meanwhile, tally_of
from ecommerce_assets.planning.words import outside_note
from ecommerce_assets.settings import Settings

#: The steps that bring a month from its file to the raw table; a later one speaks for the month.
LOADING = ("files", "lake", "replay", "raw")
#: How long to wait for a warehouse that another process holds.
PATIENCE_S = 2.0
#: A shortcoming: the code that it asks for, and what it is in words.
Problem = tuple[ExitCode, str]


@dataclass(frozen=True)
class MonthStanding:
    """A month of a source table.

    Attributes:
        dataset: of the table.
        month: its first day.
        state: `loaded`, `failed`, `interrupted`, `running` or `missing`; the newest attempt says
            it, also where an older load is still there.
        models: `built`, `stale`, `missing`, or `in use` while a run holds the warehouse.
        why: why the models are stale.
        load: the ledger's row of the load that is published; None where there is none.
        seconds: that the newest fetch and load took which did work.
        expected: whether the settings give the table a source, so that its absence is a fault.
    """

    dataset: str
    month: date
    state: str
    models: str
    why: str | None
    load: LedgerRow | None
    seconds: float | None
    expected: bool = True

    def document(self) -> dict[str, Any]:
        """The month for `--json`."""
        load = self.load
        return {
            "dataset": self.dataset,
            "month": f"{self.month:%Y-%m}",
            "state": self.state,
            "models": self.models,
            "why": self.why,
            "received": load.rows_received if load else None,
            "accepted": load.rows_accepted if load else None,
            "quarantined": load.rows_quarantined if load else None,
            "blank": load.blank_lines if load else None,
            "null_words": load.null_words if load else None,
            "loaded_at": load.finished_at if load else None,
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class DomainStanding:
    """A domain.

    Attributes:
        domain: which.
        used: whether anybody ever loaded it.
        months: of each table, oldest first.
        undated: rows of files of all months that lie in none.
        failures: newest attempts that failed or were killed and were not made good since.
        history: why the models over all months are out of date; None where they are not.
        tally: the verdicts on its figures.
        outside: what is said of loaded months that are not the domain's; None where none is.
        stale_outside: those of them whose models are older than their rows; nothing renews them.
        absent: what is said of source tables that the settings give no source.
        busy: why the state of the models is not known; None where it is.
    """

    domain: Domain
    used: bool
    months: list[MonthStanding]
    undated: list[Undated]
    failures: list[LedgerRow]
    history: str | None
    tally: Tally
    outside: str | None
    stale_outside: list[date]
    absent: list[str]
    busy: str | None = None

    @property
    def notes(self) -> list[str]:
        """Sentences that belong below its months."""
        words = [each.words for each in self.undated]
        words += [f"{self.outside}."] if self.outside else []
        whys = {month.month: month.why for month in self.months if month.why}
        words += [f"Models of {months}: {why}." for months, why in said_once(whys)]
        if self.history:
            words.append(f"The models over all months are out of date: {self.history}.")
        return [*words, *self.absent, self.tally.words]

    def problems(self, asked: Collection[date] | None = None) -> list[Problem]:
        """What is not as it should be, the worst first.

        Args:
            asked: the months that a command was asked for; None for all of the domain.
        """
        name = self.domain.name
        if not self.used:
            return [(ExitCode.INCOMPLETE, f"{name}: nothing is loaded: ecommerce backfill {name}")]
        months = [m for m in self.months if m.expected and (asked is None or m.month in asked)]
        failed = {r.key.words for r in self.failures if asked is None or not r.is_outside(asked)}
        failed |= {f"{m.month:%Y-%m}" for m in months if m.state in BAD}
        running = {f"{m.month:%Y-%m}" for m in months if m.state == "running"}
        missing = {f"{m.month:%Y-%m}" for m in months if m.state == "missing"}
        stale = {f"{m.month:%Y-%m}" for m in months if m.models == "stale"}
        found: list[tuple[ExitCode, str, object]] = [
            (ExitCode.FAILED, f"failed months: {_named(failed)}", failed),
            (ExitCode.INCOMPLETE, f"not loaded: {_named(missing)}", missing),
            (ExitCode.INCOMPLETE, f"being loaded: {_named(running)}", running),
            (ExitCode.INCOMPLETE, f"models out of date: {_named(stale)}", stale),
            (ExitCode.INCOMPLETE, f"models over all months: {self.history}", self.history),
            (ExitCode.INCOMPLETE, str(self.busy), self.busy),
        ]
        differing = self.tally.counts["differs"]
        unjudged = self.tally.open_in(asked)
        unknown = sum(each.unknown for each in self.undated)
        found += [
            (ExitCode.INCOMPLETE, f"{unknown:,} rows without a month", unknown),
            (ExitCode.FAILED, f"{differing} figures differ: ecommerce truths", differing),
            (ExitCode.INCOMPLETE, f"{unjudged} figures are stale or not judged", unjudged),
        ]
        return [(code, f"{name}: {words}") for code, words, there in found if there]

    def document(self) -> dict[str, Any]:
        """The domain for `--json`."""
        return {
            "domain": self.domain.name,
            "used": self.used,
            "months": [month.document() for month in self.months],
            "undated": [
                {
                    "dataset": each.dataset,
                    "declared": each.known,
                    "outside_months": each.outside,
                    "unreadable": each.unreadable,
                }
                for each in self.undated
            ],
            "failures": [failure_document(row) for row in self.failures],
            "models_over_all_months": self.busy or self.history or "built",
            "truths": self.tally.document(),
            "problems": [words for _, words in self.problems()],
        }


def failure_document(row: LedgerRow) -> dict[str, Any]:
    """A failed attempt for `--json`."""
    names = ("dataset", "step", "status", "reason", "started_at", "finished_at")
    return {"month": row.key.words} | {name: getattr(row, name) for name in names}


def standing_of(
    settings: Settings, lake: Lake, domain: Domain, rows: Sequence[LedgerRow]
) -> DomainStanding:
    """How a domain stands.

    Args:
        settings: the environment.
        lake: with its months.
        domain: which.
        rows: the whole ledger's, oldest first.
    """
    names = {table.contract.dataset for table in (*domain.tables, *domain.apart)}
    own = [row for row in rows if row.dataset in names]
    state, busy = _state_of_models(settings, lake, domain, own)
    months = []
    for table in domain.tables:
        loads = [row for row in own if row.dataset == table.contract.dataset]
        expected = table.why_absent(settings) is None
        if loads or expected:
            months += _months(lake, table, domain.months(settings), loads, state, expected)
    return DomainStanding(
        domain=domain,
        used=bool(own) or any(month.state == "loaded" for month in months),
        months=months,
        undated=undated_of(lake, [table.contract for table in domain.tables]),
        failures=[row for row in newest_failures(own) if _can_be_made_good(settings, domain, row)],
        history=why_history_is_stale(state) if state else None,
        tally=(
            tally_of(settings, lake, domain, own, state)
            if state
            else tally_meanwhile(lake, domain, str(busy))
        ),
        outside=outside_note(domain, state, domain.months(settings)) if state else None,
        stale_outside=stale_outside(state) if state else [],
        busy=busy,
        absent=[
            f"{table.contract.dataset} has no source, so it is left out: {absent}"
            for table in domain.tables
            if (absent := table.why_absent(settings))
        ],
    )


def _state_of_models(
    settings: Settings, lake: Lake, domain: Domain, rows: list[LedgerRow]
) -> tuple[ModelState | None, str | None]:
    """The state of the models; or None, and why it cannot be read while a run is on."""
    try:
        warehouse = warehouse_of(settings, patience_s=PATIENCE_S)
        return model_state(lake, warehouse, domain, rows), None
    except TransientFailure as failure:
        return None, f"which models are built is not known now: {failure.message}"


def others_failures(rows: Sequence[LedgerRow]) -> list[LedgerRow]:
    """What failed and is of no domain, such as the copy for readers."""
    known = {contract.dataset for contract in contracts_of_all_tables()}
    return newest_failures([row for row in rows if row.dataset not in known])


def _months(
    lake: Lake,
    table: SourceTable,
    months: Sequence[date],
    rows: Sequence[LedgerRow],
    state: ModelState | None,
    expected: bool,
) -> list[MonthStanding]:
    published = set(published_months(lake, table.domain, table.name))
    found = []
    for month in months:
        own = [row for row in rows if row.key == Month(month) and row.step in LOADING]
        there = month in published
        loads = [row for row in own if row.rows_received is not None and row.status not in BAD]
        found.append(
            MonthStanding(
                dataset=table.contract.dataset,
                month=month,
                state=_state(own, there),
                models=_models(state, month) if there else "missing",
                why=why_stale(state, month) if there and state else None,
                load=loads[-1] if loads and there else None,
                seconds=_work_seconds(own),
                expected=expected,
            )
        )
    return found


def _models(state: ModelState | None, month: date) -> str:
    if state is None:
        return "in use"
    return "stale" if why_stale(state, month) else "built"


def _state(own: Sequence[LedgerRow], published: bool) -> str:
    failed = {row.status for row in newest_failures(own)}
    if failed:
        return "failed" if "failed" in failed else "interrupted"
    newest = {row.step: row for row in own}
    if any(row.status == "running" for row in newest.values()):
        return "running"
    return "loaded" if published else "missing"


def _work_seconds(own: Sequence[LedgerRow]) -> float | None:
    """Seconds of the newest fetch and load that did work."""
    done = {
        row.step: row.seconds
        for row in own
        if row.status == "loaded" and row.seconds and row.step != "raw"
    }
    return round(sum(done.values()), 3) if done else None


def _can_be_made_good(settings: Settings, domain: Domain, row: LedgerRow) -> bool:
    """Whether a backfill would try again what failed: not outside the domain's months."""
    if row.step in OVER_ALL_MONTHS or row.dataset not in domain.datasets:
        return True
    return not row.is_outside(domain.months(settings))


def _named(months: Collection[str]) -> str:
    """Months, each written `2019-10`, as people say them."""
    return in_words(date.fromisoformat(f"{month}-01") for month in months)
