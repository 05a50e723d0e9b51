"""What `backfill`, `demo`, `quarantine replay` and `status` say in the end: how domains stand now.

Belongs here: the tables after a run, the sentences below them, and the exit code that follows.
Stays out: the commands (`app.py`, `lists.py`, `quarantine.py`), what is true (`planning/`), how a
table looks (`tables.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from ecommerce_assets.cli.answer import Answer
from ecommerce_assets.cli.tables import key_metrics_listing, months_listings
from ecommerce_assets.cli.terminal import say_failures
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.text.console import coloured, console
from ecommerce_assets.lib.text.listing import show
from ecommerce_assets.planning.words import memory_text, seconds_text
from ecommerce_assets.settings import Settings

if TYPE_CHECKING:
    from ecommerce_assets.planning.standing import DomainStanding, Problem


def answer_with(
    answer: Answer,
    settings: Settings,
    domain: Domain,
    months: list[date],
    outcome: Any,
    *,
    metrics: bool = False,
) -> None:
    """Say what a backfill did, and how the domain stands then.

    Args:
        answer: gets the figures and the exit code.
        settings: the environment.
        domain: that was backfilled.
        months: that were asked for.
        outcome: of the backfill.
        metrics: show the domain's key metrics, too.
    """
    from ecommerce_assets.planning.copy_standing import copy_standing

    standing = standing_now(settings, domain)
    if not outcome.ok:
        answer.note(ExitCode.FAILED)
    answer.data |= {
        "asked": [f"{month:%Y-%m}" for month in months],
        "loaded": sorted({f"{month:%Y-%m}" for month in outcome.loaded}),
        "models_built": [f"{month:%Y-%m}" for month in outcome.models_built],
        "failed": {f"{month:%Y-%m}": reason for month, reason in outcome.failed.items()},
        "models_failure": outcome.models_failure,
        "seconds": outcome.seconds,
        "peak_mb": outcome.peak_mb,
    }
    shown = note_problems(answer, standing, months)
    if answer.as_json:
        return
    show_months(standing, months)
    if metrics and settings.published_path.exists():
        show(console, key_metrics_listing(settings, domain))
    say_failures(outcome)
    copy = copy_standing(settings)
    for line in [*standing.notes, *(copy.notes() if copy else [])]:
        console.print(line)
    _say_cost(outcome)
    say_problems(shown, all_there([standing], "All months that were asked for"))


def standing_now(settings: Settings, domain: Domain) -> DomainStanding:
    """How a domain stands at this moment."""
    from ecommerce_assets.planning.standing import standing_of

    lake = lake_of(settings)
    return standing_of(settings, lake, domain, Ledger(lake).rows())


def note_problems(
    answer: Answer, standing: DomainStanding, asked: Collection[date]
) -> list[Problem]:
    """Put how a domain stands, and what that asks for, into an answer; returns the shortcomings."""
    problems = standing.problems(asked)
    for code, _ in problems:
        answer.note(code)
    answer.data |= {
        "standing": standing.document(),
        "problems": [words for _, words in problems],
    }
    return problems


def note_standing(answer: Answer, settings: Settings, domains: list[Domain]) -> None:
    """Note how domains stand after all of them were run, and what failed beside them."""
    from ecommerce_assets.planning.standing import others_failures, standing_of

    lake = lake_of(settings)
    rows = Ledger(lake).rows()
    for domain in domains:
        for code, _ in standing_of(settings, lake, domain, rows).problems():
            answer.note(code)
    if others_failures(rows):
        answer.note(ExitCode.FAILED)


def show_months(standing: DomainStanding, months: Collection[date]) -> None:
    """The tables of a domain's months, of those that were asked for."""
    for listing in months_listings(standing, months):
        show(console, listing)


def say_problems(problems: list[Problem], otherwise: str) -> None:
    """A line for each shortcoming, the failures first.

    Args:
        problems: the shortcomings.
        otherwise: the sentence for where there is none.
    """
    for code, words in sorted(problems, key=lambda problem: problem[0] is not ExitCode.FAILED):
        colour = "red" if code is ExitCode.FAILED else "yellow"
        console.print(coloured(f"{code.name}: {words}", colour))
    if not problems:
        console.print(otherwise)


def all_there(standings: Sequence[DomainStanding], what: str) -> str:
    """The sentence for where nothing is missing or out of date.

    Args:
        standings: of the domains that it speaks of.
        what: its subject, in the plural.
    """
    beside = (
        "; the months outside the settings, named above, are not"
        if any(each.stale_outside for each in standings)
        else ""
    )
    return f"{what} are there and up to date{beside}."


def _say_cost(outcome: Any) -> None:
    """One line: what was estimated, and what it took."""
    cost = outcome.plan.cost
    console.print(
        f"Estimated {seconds_text(cost.seconds)}, took {outcome.seconds:,.1f} s; memory estimated "
        f"{memory_text(cost.megabytes)}, sampled {outcome.peak_mb:,.0f} MB."
    )
