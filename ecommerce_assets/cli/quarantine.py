"""`ecommerce quarantine …`: rows that broke their contract.

Belongs here: listing, showing and replaying them. Stays out: the other commands (`app.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from ecommerce_assets.cli.answer import Answer, AsJson, answering
from ecommerce_assets.cli.lists import say_problems
from ecommerce_assets.cli.quarantine_tables import (
    QuarantinedRows,
    quarantine_counts,
    quarantine_counts_listing,
    quarantined_rows,
    quarantined_rows_listing,
)
from ecommerce_assets.cli.tables import months_listings
from ecommerce_assets.cli.terminal import (
    DomainName,
    OneDomain,
    chosen_months,
    known_domain,
    read_month,
    read_settings,
    run_backfill,
    say_failures,
)
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import PermanentFailure, WrongCall
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.lake.quarantine import UNDATED
from ecommerce_assets.lib.lake.slices import Month, Slice, published_months
from ecommerce_assets.lib.text.console import console
from ecommerce_assets.lib.text.listing import show
from ecommerce_assets.settings import Settings

quarantine_app = typer.Typer(help="Rows that broke their contract.", no_args_is_help=True)


@quarantine_app.command("list")
def quarantine_list(domain: OneDomain = None, as_json: AsJson = False) -> None:
    """Count the quarantined rows by month and reason, of all domains or one.

    Exit codes: 0, whether there are any or not; 2 for an unknown domain.
    """
    with answering("quarantine list", as_json=as_json) as answer:
        lake = lake_of(read_settings())
        domains = [known_domain(domain)] if domain else list(DOMAINS.values())
        tables = [table for each in domains for table in each.all_tables]
        found = [quarantine_counts(table.contract, lake) for table in tables]
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

    Exit codes: as of backfill.
    """
    with answering("quarantine replay") as answer:
        now = read_settings()
        if month and not domain:
            raise WrongCall("--month is a month of a domain", f"name it: {', '.join(DOMAINS)}")
        domains = [known_domain(domain)] if domain else list(DOMAINS.values())
        if not [known for known in domains if _replay(answer, now, known, month)]:
            console.print("Nothing to replay: no quarantined row was judged by an older contract.")


def _replay(answer: Answer, now: Settings, known: Domain, month: str | None) -> bool:
    """Judge the quarantined rows of a domain again; gives whether there was anything to judge."""
    from ecommerce_assets.dbt.accepted_values import refuse_values_ahead_of_models
    from ecommerce_assets.lib.ingest.replay import replay
    from ecommerce_assets.planning.standing import standing_of
    from ecommerce_assets.planning.verdicts import mark_changed

    lake = lake_of(now)
    touched: set[date] = set()
    for table in known.tables:  # all of them before any row is taken back
        refuse_values_ahead_of_models(table.contract)
    for table in known.tables:
        own, there = known.months(now), published_months(lake, known.name, table.name)
        # What lies outside could be judged again, but no run would take it to the marts.
        months = (
            chosen_months(known.name, month, month) if month else [m for m in there if m in own]
        )
        for each in months:
            slice_ = Slice(lake, table.contract, Month(each))
            result = replay(slice_, memory_limit=now.memory_limit)
            if result is None:
                continue
            touched.add(each)
            mark_changed(lake, known, each)
            console.print(
                f"{each:%Y-%m}: {result.taken_back:,} rows taken back, "
                f"{result.still_quarantined:,} still in quarantine"
            )
    if not touched:
        return False
    asked = sorted(touched)
    outcome = run_backfill(now, known, asked, False, "quarantine replay")
    standing = standing_of(now, lake, known, Ledger(lake).rows())
    for listing in months_listings(standing, asked):
        show(console, listing)
    say_failures(outcome)
    problems = standing.problems(asked)
    say_problems(problems)
    for code, _ in problems:
        answer.note(code)
    if not outcome.ok:
        answer.note(ExitCode.FAILED)
    return True
