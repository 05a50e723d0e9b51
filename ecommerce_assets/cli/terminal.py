"""What the commands share: the terminal, arguments read with a word of help, a backfill's progress.

Belongs here also: failures as two sentences instead of a traceback. Stays out: the commands
(`app.py`, `quarantine.py`), tables (`tables.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_settings import BaseSettings
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ecommerce_assets.cli.answer import code_of
from ecommerce_assets.cli.frame import say_failure
from ecommerce_assets.cli.tables import endings
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS, Domain, all_settings
from ecommerce_assets.lib.failures import LakehouseError, WrongCall
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.lake.ledger_objects import Unreadable
from ecommerce_assets.lib.lake.slices import published_months
from ecommerce_assets.lib.months import said_once
from ecommerce_assets.lib.text.console import bad, console
from ecommerce_assets.month_settings import parse_month
from ecommerce_assets.settings import Settings, load_settings, variable_of


def _domains(incomplete: str) -> list[str]:
    """The domains that begin with what was typed, for the shell's completion."""
    return [name for name in DOMAINS if name.startswith(incomplete)]


_NAMES = typer.Argument(help=f"The domain: {', '.join(DOMAINS)}.", autocompletion=_domains)
DomainName = Annotated[str, _NAMES]
OneDomain = Annotated[
    str | None,
    typer.Argument(help=f"Only this domain: {', '.join(DOMAINS)}.", autocompletion=_domains),
]
SomeDomains = Annotated[
    list[str] | None,
    typer.Argument(help="Only these domains.", show_default=False, autocompletion=_domains),
]
FromMonth = Annotated[str | None, typer.Option("--from", help="First month, e.g. 2019-10.")]
ToMonth = Annotated[str | None, typer.Option("--to", help="Last month, e.g. 2020-02.")]


def run_backfill(
    settings: Settings,
    domain: Domain,
    months: list[date],
    force: bool,
    command: str,
    *,
    accept_worse: bool = False,
) -> Any:
    """Load and build months, with a bar for each part of the work; gives the outcome."""
    started = datetime.now(UTC)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, redirect_stdout=False
    ) as progress:
        start = progress.add_task("start Dagster", total=1)
        from ecommerce_assets.cli.opening import open_runner

        runner = open_runner(settings, console.print)
        progress.update(start, completed=1)
        tasks: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            kind = step.split(" ", 1)[0]
            kind = "models" if kind == "marts" else kind
            if kind not in tasks:
                tasks[kind] = progress.add_task(step, total=total)
            progress.update(tasks[kind], description=step, completed=done, total=total)

        return runner.backfill(
            domain,
            months,
            report,
            force_models=force,
            command=command,
            started=started,
            accept_worse=accept_worse,
        )


def say_broken(lake: Lake, broken: Sequence[Unreadable]) -> None:
    """Name the objects of the ledger that are not rows, and so are in no table."""
    for each in broken[:5]:
        console.print(bad(f"{each.key} is passed over:"), each.why)
    if broken:
        console.print(
            f"{len(broken)} of the ledger's objects are not rows, so what they said is missing "
            f"above. Delete them from {lake.location('')} or restore them from a backup."
        )


def say_failures(outcome: Any) -> None:
    """A line for each reason why months of a table failed, and for the models that did."""
    several = len(outcome.plan.domain.tables) > 1
    for dataset in dict.fromkeys(each.dataset for each in outcome.failures):
        own = {each.month: each.reason for each in outcome.failures if each.dataset == dataset}
        for months, reason in said_once(own):
            where = f"{dataset}, " if several else ""
            console.print(bad(f"{where}{months} failed:"), reason)
    if outcome.models_failure:
        console.print(bad("The models failed:"), outcome.models_failure)
    if outcome.plan_failure:
        console.print(f"The asset ops/marts/backfill_plan was not renewed: {outcome.plan_failure}")


def say_latest(rows: Iterable[LedgerRow]) -> None:
    """A line for each way in which newest attempts ended badly, with the months it concerns."""
    for words, reason in endings(rows):
        console.print(bad(words), reason)


def chosen_months(domain: str, first: str | None, last: str | None) -> list[date]:
    """The months of a domain from `first` to `last`.

    Raises:
        WrongCall: they are not the domain's, or in the wrong order.
    """
    settings, known = read_settings(), known_domain(domain)
    months = known.months(settings)
    start = read_month(first) if first else None
    end = read_month(last) if last else None
    if start and end and end < start:
        raise WrongCall(
            f"--from {start:%Y-%m} is after --to {end:%Y-%m}",
            "give the earlier month to --from and the later one to --to",
        )
    outside = sorted({month for month in (start, end) if month and month not in months})
    if outside:
        named = " and ".join(f"{month:%Y-%m}" for month in outside)
        raise WrongCall(
            f"{domain} has the months {months[0]:%Y-%m} to {months[-1]:%Y-%m}; asked for {named}",
            _how_to_widen(settings, known, months, outside),
        )
    return [m for m in months if (start or months[0]) <= m <= (end or months[-1])]


def _how_to_widen(
    settings: Settings, domain: Domain, months: list[date], outside: list[date]
) -> str:
    """What to set for months that are not the domain's, and which of them are loaded already."""
    lake = lake_of(settings)
    months_of = [published_months(lake, domain.name, table.name) for table in domain.tables]
    loaded = {month for months in months_of for month in months}
    there = [f"{month:%Y-%m}" for month in outside if month in loaded]
    kept = (
        f" ({', '.join(there)} was loaded before; its rows stay as they are until then.)"
        if there
        else ""
    )
    first, last = min(outside[0], months[0]), max(outside[-1], months[-1])
    return f"if your shop has more, set {domain.months_setting}={first:%Y-%m}:{last:%Y-%m}.{kept}"


def read_month(text: str) -> date:
    """A month as it was typed.

    Raises:
        WrongCall: it is not one.
    """
    try:
        return parse_month(text)
    except ValueError as error:
        raise WrongCall(f"{text!r} is not a month", "write it as 2019-10") from error


def known_domain(name: str) -> Domain:
    """The domain of a name.

    Raises:
        WrongCall: there is none of that name.
    """
    if name not in DOMAINS:
        raise WrongCall(f"unknown domain {name!r}", f"use one of the known: {', '.join(DOMAINS)}")
    return DOMAINS[name]


def _variable(kind: str, place: tuple[int | str, ...]) -> str:
    """The environment variable of a value that its setting does not take.

    Args:
        kind: the name of the class of settings.
        place: of the value, as pydantic says it: the field's name, or the variable itself.
    """
    name = ".".join(str(part) for part in place)
    kinds: list[type[BaseSettings]] = [Settings, *(d.settings for d in DOMAINS.values())]
    own = {each.__name__: each for each in kinds}
    return variable_of(own[kind], name) if name in own[kind].model_fields else name


def read_settings() -> Settings:
    """The settings.

    Raises:
        WrongCall: a value is not one that its setting takes.
    """
    try:
        settings = load_settings()
        all_settings(settings)  # those of each domain, too
    except ValidationError as error:
        problems = [
            f"setting {_variable(error.title, problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        listed = "ecommerce settings --help, or docs/commands.md; unset it for its default"
        raise WrongCall("; ".join(problems), f"see what it takes: {listed}") from error
    return settings


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Print a failure's two sentences instead of a traceback, and end the command."""
    try:
        yield
    except LakehouseError as error:
        say_failure(error)
        raise typer.Exit(int(code_of(error))) from error
