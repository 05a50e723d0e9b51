"""`ecommerce quarantine …`: rows that broke their contract.

Belongs here: listing, showing and replaying them. Stays out: the other commands (`app.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from ecommerce_assets.cli.answer import Answer, AsJson, answering
from ecommerce_assets.cli.answers import (
    all_there,
    answer_with,
    note_problems,
    say_problems,
    standing_now,
)
from ecommerce_assets.cli.quarantine_tables import (
    QuarantinedRows,
    quarantine_counts,
    quarantine_counts_listing,
    quarantined_rows,
    quarantined_rows_listing,
)
from ecommerce_assets.cli.terminal import (
    DomainName,
    OneDomain,
    chosen_months,
    known_domain,
    read_month,
    read_settings,
    run_backfill,
)
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS, STREAMS, Domain
from ecommerce_assets.lib.failures import PermanentFailure, WrongCall
from ecommerce_assets.lib.lake.ledger import BAD, Ledger
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice
from ecommerce_assets.lib.months import in_words
from ecommerce_assets.lib.text.console import console
from ecommerce_assets.lib.text.listing import show
from ecommerce_assets.settings import Settings

if TYPE_CHECKING:
    from ecommerce_assets.planning.standing import DomainStanding

quarantine_app = typer.Typer(help="Rows that broke their contract.", no_args_is_help=True)


@quarantine_app.command("list")
def quarantine_list(domain: OneDomain = None, as_json: AsJson = False) -> None:
    """Count the quarantined rows by month and reason, of all domains or one.

    Those of a stream are counted by topic, partition and reason.

    Exit codes: 0, whether there are any or not; 2 for an unknown domain.
    """
    with answering("quarantine list", as_json=as_json) as answer:
        lake = lake_of(read_settings())
        streams = [each for name, each in STREAMS.items() if domain in (None, name)]
        if domain is None:
            domains = list(DOMAINS.values())
        else:
            domains = [] if streams else [known_domain(domain)]
        contracts = [table.contract for each in domains for table in each.all_tables]
        contracts += [topic.contract for each in streams for topic in each.topics]
        found = [quarantine_counts(contract, lake) for contract in contracts]
        answer.data["tables"] = [each.document() for each in found]
        if as_json:
            return
        for each in found:
            if each.rows:
                show(console, quarantine_counts_listing(each))
        empty = [each.dataset for each in found if not each.rows]
        if empty:
            console.print(f"No row is in quarantine of {', '.join(empty)}.")


@quarantine_app.command("show")
def quarantine_show(
    domain: DomainName,
    month: Annotated[str, typer.Argument(help="e.g. 2019-10; undated: rows without a month")],
    limit: Annotated[int, typer.Option(min=1, help="How many rows.")] = 20,
    reason: Annotated[
        str | None, typer.Option(help="Only rows with this reason, as `quarantine list` names it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show a month's quarantined rows: line, reasons and the row as it came.

    Exit codes: 0; 1 where the month is not loaded; 2 for an unknown domain, month or reason.
    """
    with answering("quarantine show", as_json=as_json) as answer:
        known = known_domain(domain)
        wanted = Month(UNDATED if month == "undated" else read_month(month))
        lake = lake_of(read_settings())
        tables = (*known.tables, *known.apart)
        read = (quarantined_rows(Slice(lake, table.contract, wanted)) for table in tables)
        found = [each for each in read if each is not None]
        if not found:
            raise PermanentFailure(f"{month} is not loaded", f"see: ecommerce status {domain}")
        if reason is not None:
            found = _with_reason(found, reason, month)
        answer.data["tables"] = [each.document(limit) for each in found]
        if not as_json:
            for each in found:
                show(console, quarantined_rows_listing(each, limit, reason))


def _with_reason(found: list[QuarantinedRows], reason: str, month: str) -> list[QuarantinedRows]:
    """The rows with a reason.

    Raises:
        WrongCall: no row of the month has it.
    """
    known = sorted({code for each in found for row in each.rows for code in row["reasons"]})
    if reason not in known:
        listed = f"name one of: {', '.join(known)}" if known else "leave --reason out"
        raise WrongCall(f"no quarantined row of {month} has the reason {reason!r}", listed)
    return [
        QuarantinedRows(
            each.dataset, each.month, each.total, [r for r in each.rows if reason in r["reasons"]]
        )
        for each in found
    ]


@quarantine_app.command("replay")
def quarantine_replay(
    domain: OneDomain = None,
    month: Annotated[str | None, typer.Option(help="Only this month, e.g. 2019-10.")] = None,
) -> None:
    """Read the quarantined rows again after a rule was fixed, and update what depends on them.

    A replay that was killed is finished by the next one.

    Exit codes: as of backfill.
    """
    with answering("quarantine replay") as answer:
        now = read_settings()
        if month and not domain:
            raise WrongCall("--month is a month of a domain", f"name it: {', '.join(DOMAINS)}")
        domains = [known_domain(domain)] if domain else list(DOMAINS.values())
        idle = [known for known in domains if not _replay(answer, now, known, month)]
        if idle == domains:
            console.print("Nothing to replay: no quarantined row was judged by an older contract.")
        for known in idle:
            standing = standing_now(now, known)
            if standing.used or domain:
                _say_standing(answer, standing, _months(now, known, month))


def _replay(answer: Answer, now: Settings, known: Domain, month: str | None) -> bool:
    """Judge the quarantined rows of a domain again; gives whether there was anything to do."""
    from ecommerce_assets.dbt.accepted_values import refuse_values_ahead_of_models

    for table in known.tables:  # all of them before any row is taken back
        refuse_values_ahead_of_models(table.contract)
    months = _months(now, known, month)
    touched = _with_left_months(now, known, months, _replayed(now, known, months))
    if not touched:
        return False
    outcome = run_backfill(now, known, touched, False, "quarantine replay")
    answer_with(answer, now, known, touched, outcome)
    return True


def _months(now: Settings, known: Domain, month: str | None) -> list[date]:
    """The month that was asked for, or all of the domain.

    What lies outside these could be judged again, but no run would take it to the marts.
    """
    return chosen_months(known.name, month, month) if month else known.months(now)


def _say_standing(answer: Answer, standing: DomainStanding, months: list[date]) -> None:
    """Say how a domain stands of which nothing was replayed."""
    for line in standing.notes:
        console.print(line)
    problems = note_problems(answer, standing, months)
    say_problems(problems, all_there([standing], f"The months of {standing.domain.name}"))


def _replayed(settings: Settings, domain: Domain, months: Sequence[date]) -> list[date]:
    """Judge the quarantined rows of months again; returns the months that were judged."""
    from ecommerce_assets.lib.ingest.replay import replay
    from ecommerce_assets.planning.verdicts import mark_changed

    lake, touched = lake_of(settings), set[date]()
    for table in domain.tables:
        several = f"{table.contract.dataset}, " if len(domain.tables) > 1 else ""
        for month in months:
            slice_ = Slice(lake, table.contract, Month(month))
            result = replay(slice_, memory_limit=settings.memory_limit)
            if result is None:
                continue
            touched.add(month)
            mark_changed(lake, domain, month)
            console.print(
                f"{several}{month:%Y-%m}: {result.taken_back:,} rows taken back, "
                f"{result.still_quarantined:,} still in quarantine"
            )
    return sorted(touched)


def _with_left_months(
    settings: Settings, domain: Domain, months: Sequence[date], touched: list[date]
) -> list[date]:
    """The replayed months, and those that a killed replay left out of date, which is said.

    The rows of such a month were published, and what follows them was not built to its end.
    """
    from ecommerce_assets.planning.copy_standing import copy_standing

    names = {table.contract.dataset for table in domain.tables}
    rows = [row for row in Ledger(lake_of(settings)).rows() if row.dataset in names]
    replays = {row.key for row in rows if row.step == "replay"}
    earlier = [m for m in months if Month(m) in replays and m not in touched]
    if not earlier:
        return touched
    standing, copy = standing_now(settings, domain), copy_standing(settings)
    behind = {m.month for m in standing.months if m.models == "stale" or m.state in BAD}
    if left := [m for m in earlier if m in behind]:
        console.print(f"A replay of {in_words(left)} did not reach the marts; that is done now.")
        return sorted([*touched, *left])
    if not touched and (standing.history or (copy and copy.behind)):
        console.print("What follows a replay was not built to its end; that is done now.")
        return earlier
    return touched
