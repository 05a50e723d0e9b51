"""The commands that list: settings, status, ledger, verify, truths.

Belongs here: their arguments, their JSON and their exit codes. Stays out: what a table shows
(`tables.py`), how a domain stands (`planning/standing.py`), the commands that run something
(`app.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import SecretStr

from ecommerce_assets.cli.answer import Answer, AsJson, answering
from ecommerce_assets.cli.answers import all_there, say_problems
from ecommerce_assets.cli.frame import say_failure
from ecommerce_assets.cli.tables import (
    comparison_listing,
    endings,
    ledger_listing,
    months_listings,
    truths_listing,
)
from ecommerce_assets.cli.terminal import (
    OneDomain,
    known_domain,
    read_settings,
    say_broken,
    say_latest,
)
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import (
    DOMAINS,
    Domain,
    all_settings,
    contracts_of_all_tables,
)
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.failures import PermanentFailure, WrongCall
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import Ledger, LedgerRow
from ecommerce_assets.lib.lake.ledger_objects import Unreadable
from ecommerce_assets.lib.lake.seal import damage_of
from ecommerce_assets.lib.lake.slices import published_slices
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.lib.text.listing import Column, Listing, show
from ecommerce_assets.planning.words import calibration_table
from ecommerce_assets.settings import Setting, Settings

if TYPE_CHECKING:
    from ecommerce_assets.planning.standing import DomainStanding


def settings(as_json: AsJson = False) -> None:
    """List every setting with its value, its variable and its meaning; secrets are masked.

    Exit codes: 0; 2 where a value is not one that its setting takes.
    """
    with answering("settings", as_json=as_json) as answer:
        now = read_settings()
        found = [_shown(each) for each in all_settings(now)]
        answer.data["settings"] = found
        if as_json:
            return
        columns = [
            Column("variable"),
            Column("value", folds=True),
            Column("meaning", folds=True),
        ]
        rows: list[Any] = [
            (each["variable"], "" if each["value"] is None else each["value"], each["meaning"])
            for each in found
        ]
        show(console, Listing(f"Settings: all {len(rows)}", columns, rows))


def _shown(setting: Setting) -> dict[str, Any]:
    """A setting as it is printed; the value of a secret is not."""
    value, secret = setting.value, isinstance(setting.value, SecretStr)
    return {
        "variable": setting.variable,
        "value": "********" if secret else None if value is None else str(value),
        "secret": secret,
        "meaning": setting.meaning,
    }


def status(
    domain: OneDomain = None,
    as_json: AsJson = False,
) -> None:
    """Show for every month what is loaded, what failed, what is missing and what is out of date.

    Exit codes: 0 where all months are loaded, built and judged; 1 where something failed or a
    figure differs from its truth; 2 for an unknown domain; 3 where a month is missing or being
    loaded, models, verdicts or the readers' copy are out of date, or rows have no month. A domain
    that nobody ever loaded counts only where it is asked for, or where none is loaded at all.
    """
    with answering("status", as_json=as_json) as answer:
        now = read_settings()  # first: the modules below read the settings, too
        from ecommerce_assets.planning.copy_standing import copy_standing
        from ecommerce_assets.planning.standing import (
            failure_document,
            others_failures,
            standing_of,
        )

        domains = [known_domain(domain)] if domain else list(DOMAINS.values())
        lake = lake_of(now)
        rows, broken = Ledger(lake).read()
        standings = [standing_of(now, lake, each, rows) for each in domains]
        used = [each for each in standings if each.used]
        others = [] if domain else others_failures(rows)
        copy = copy_standing(now)
        problems = [
            problem
            for each in (standings if domain or not used else used)
            for problem in each.problems()
        ]
        problems += copy.problems([each.name for each in domains]) if copy else []
        problems += [(ExitCode.FAILED, f"{words} {reason}") for words, reason in endings(others)]
        if broken:
            problems.append((ExitCode.INCOMPLETE, f"{len(broken)} ledger objects are unreadable"))
        answer.data |= {
            "domains": [each.document() for each in standings],
            "other_failures": [failure_document(row) for row in others],
            "unreadable_ledger_objects": [each.key for each in broken],
            "readers_copy": copy.document() if copy else None,
            "problems": [words for _, words in problems],
        }
        for code, _ in problems:
            answer.note(code)
        if as_json:
            return
        _show_standings(standings)
        if copy and copy.made:
            console.print(f"The readers' copy is of {copy.made:%Y-%m-%d %H:%M} UTC.")
        say_broken(lake, broken)
        names = ", ".join(each.domain.name for each in used)
        say_problems(problems, all_there(used, f"All months of {names}"))


def _show_standings(standings: Sequence[DomainStanding]) -> None:
    """The tables of the domains that were loaded, and the names of the others."""
    for each in standings:
        if each.used:
            for listing in months_listings(each):
                show(console, listing)
                console.print()
            for line in each.notes:
                console.print(line)
            say_latest(each.failures)
            console.print()
    for each in standings:
        if not each.used:
            name = each.domain.name
            console.print(f"{name}: nobody loaded it yet; ecommerce backfill {name}")


def known_datasets(rows: list[LedgerRow]) -> list[str]:
    """The data sets that the ledger may speak of: those of the registry, and those that it does."""
    known = {contract.dataset for contract in contracts_of_all_tables()}
    return sorted(known | {row.dataset for row in rows})


def ledger(
    dataset: Annotated[str | None, typer.Argument(help="DOMAIN.TABLE, as the list has it.")] = None,
    last: Annotated[int, typer.Option(min=1, help="How many of the newest attempts.")] = 20,
    calibration: Annotated[
        bool, typer.Option(help="Past estimates of time and memory beside what it took.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the attempted loads, newest last.

    Exit codes: 0; 2 for an unknown data set; 3 where objects of the ledger cannot be read.
    """
    with answering("ledger", as_json=as_json) as answer:
        lake = lake_of(read_settings())
        everything, broken = Ledger(lake).read()
        known = known_datasets(everything)
        if dataset is not None and dataset not in known:
            raise WrongCall(
                f"unknown data set {dataset!r}", f"use one of the known: {', '.join(known)}"
            )
        rows = [row for row in everything if dataset in (None, row.dataset)]
        _list_attempts(answer, rows, last, dataset, calibration)
        answer.data["unreadable_ledger_objects"] = [each.key for each in broken]
        if broken:
            answer.note(ExitCode.INCOMPLETE)
        _say_broken(answer, lake, broken)


def _list_attempts(
    answer: Answer, rows: list[LedgerRow], last: int, dataset: str | None, calibration: bool
) -> None:
    if calibration:
        table = calibration_table(rows)
        answer.data["calibration"] = table.records()
        answer.data["notes"] = table.notes
    else:
        table = ledger_listing(rows[-last:], len(rows), dataset)
        answer.data["attempts_in_all"] = len(rows)
        answer.data["attempts"] = [vars(row) for row in rows[-last:]]
    if not answer.as_json:
        show(console, table)


def _say_broken(answer: Answer, lake: Lake, broken: list[Unreadable]) -> None:
    if not answer.as_json:
        say_broken(lake, broken)


def verify(as_json: AsJson = False) -> None:
    """Check the lake's files, build all models once more and compare every table; takes a while.

    Exit codes: 0 where all tables are equal; 1 where a file is damaged, a table differs or a model
    fails; 3 where a domain was left out since its models are out of date.
    """
    with answering("verify", as_json=as_json) as answer:
        now = read_settings()  # first: the modules below read the settings, too
        from ecommerce_assets.defs.ops.rebuild import compare_with_rebuild
        from ecommerce_assets.defs.shared.resources import Lakehouse
        from ecommerce_assets.runs.processes import end_left_processes

        lake = lake_of(now)
        slices = (s for each in contracts_of_all_tables() for s in published_slices(lake, each))
        damaged = [found for found in map(damage_of, slices) if found]
        answer.data["damaged_files"] = [vars(each) for each in damaged]
        if damaged:
            answer.note(ExitCode.FAILED)
            for found in damaged:
                say_failure(PermanentFailure(found.why, found.cure))
            return
        lakehouse = Lakehouse()
        end_left_processes(lakehouse.settings.home, console.print)
        with console.status("Rebuilding all models, then comparing"):
            comparison = compare_with_rebuild(lakehouse, lakehouse.warehouse)
        compared = comparison.tables
        differing = [each for each in compared if not each.equal]
        answer.data["tables"] = [vars(each) | {"equal": each.equal} for each in compared]
        answer.data["differing"] = len(differing)
        answer.data["left_out"] = comparison.left_out
        if comparison.out_of_date:
            answer.note(ExitCode.INCOMPLETE)
        if differing:
            answer.note(ExitCode.FAILED)
        if as_json:
            return
        show(console, comparison_listing(compared))
        for name, why in comparison.left_out.items():
            console.print(f"{name} is left out: {why}.")
        for each in differing:
            console.print(bad(each.table), each.words)
        if differing:
            say_failure(
                PermanentFailure(
                    f"{len(differing)} of {len(compared)} tables differ from a full rebuild.",
                    "build them again: ecommerce backfill DOMAIN --force",
                )
            )
        else:
            console.print(
                f"All {len(compared)} tables equal a full rebuild. Views follow from them and from "
                "the lake, and are not compared."
            )


def truths(
    domain: OneDomain = None,
    all_rows: Annotated[
        bool, typer.Option("--all", help="Also those that do not apply to what is loaded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show published and planted figures beside ours, as they were last compared.

    Exit codes: 0 where every figure that applies is met; 1 where one differs; 2 for an unknown
    domain; 3 where one is stale (its rows or models changed since) or was not judged yet.
    """
    with answering("truths", as_json=as_json) as answer:
        now = read_settings()  # first: the modules below read the settings, too
        from ecommerce_assets.planning.verdicts import STATUSES

        domains = [known_domain(domain)] if domain else list(DOMAINS.values())
        tallies = tallies_of(now, domains)
        verdicts = [verdict for tally in tallies for verdict in tally.verdicts]
        answer.data["counts"] = [{"domain": t.domain} | t.document() for t in tallies]
        answer.data["figures"] = [
            {"domain": tally.domain} | vars(verdict)
            for tally in tallies
            for verdict in tally.verdicts
        ]
        for tally in tallies:
            answer.note(tally.code)
        if as_json:
            return
        shown = [each for each in verdicts if all_rows or each.status != "not applicable"]
        show(console, truths_listing(shown, len(verdicts) - len(shown)))
        for tally in tallies:
            console.print(tally.words)
        counts = [f"{sum(v.status == status for v in verdicts)} {status}" for status in STATUSES]
        console.print(f"{len(verdicts)} figures: {', '.join(counts)}")


def tallies_of(now: Settings, domains: list[Domain]) -> list[Any]:
    """The verdicts of domains as they stand now; while a run is on, none of them holds."""
    from ecommerce_assets.planning.standing import standing_of

    lake = lake_of(now)
    rows = Ledger(lake).rows()
    return [standing_of(now, lake, each, rows).tally for each in domains]
