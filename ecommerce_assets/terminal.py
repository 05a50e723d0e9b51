"""What the commands share: the terminal, arguments read with a word of help, a backfill's progress.

Belongs here also: failures as two sentences instead of a traceback. Stays out: the commands
(`cli.py`, `cli_quarantine.py`), tables (`reports.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ecommerce_assets.console import bad, coloured, console
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.exit_codes import ExitCode
from ecommerce_assets.guard import say_failure
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger, LedgerRow
from ecommerce_assets.lib.months import said_once
from ecommerce_assets.lib.undated import undated_of
from ecommerce_assets.opening import lake_of
from ecommerce_assets.reports import months_tables
from ecommerce_assets.settings import Settings, load_settings, parse_month

DomainName = Annotated[str, typer.Argument(help=f"The domain: {', '.join(DOMAINS)}.")]
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
        from ecommerce_assets.runner import Runner

        runner = Runner(settings, console.print)
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


def say_unreadable(lake: Lake) -> bool:
    """Name the objects of the ledger that are not rows, and so are in no table.

    Returns:
        Whether there are none.
    """
    _, broken = Ledger(lake).read()
    for each in broken[:5]:
        console.print(bad(f"{each.key} is passed over:"), each.why)
    if broken:
        console.print(
            f"{len(broken)} of the ledger's objects are not rows, so what they said is missing "
            f"above. Delete them from {lake.location('')} or restore them from a backup."
        )
    return not broken


def print_months(settings: Settings, domain: Domain, months: list[date]) -> None:
    """What is loaded and built of each month."""
    with friendly_errors():
        for part in months_tables(settings, domain, months):
            console.print(part)


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
    alike: dict[tuple[str, str, str], dict[date, str]] = {}
    for row in rows:
        group = alike.setdefault((row.dataset, row.step, row.status), {})
        group[date.fromisoformat(row.month)] = row.reason or ""
    for (dataset, step, status), reasons in alike.items():
        for months, reason in said_once(reasons):
            console.print(bad(f"{dataset} {months}, {step}: {status}"), reason)


def say_undated(lake: Lake, domain: Domain) -> bool:
    """A line for each file that holds rows without a month.

    Returns:
        Whether each of these rows is one that its contract declares.
    """
    found = undated_of(lake, [table.contract for table in domain.tables])
    for each in found:
        console.print(coloured(each.words, "yellow") if each.unknown else each.words)
    return not any(each.unknown for each in found)


def chosen_months(domain: str, first: str | None, last: str | None) -> list[date]:
    """The months of a domain from `first` to `last`; ends the command where there are none."""
    settings, known = read_settings(), known_domain(domain)
    months = known.months(settings)
    start = read_month(first) if first else None
    end = read_month(last) if last else None
    if start and end and end < start:
        console.print(
            bad(f"--from {start:%Y-%m} is after --to {end:%Y-%m}."),
            "Give the earlier month to --from and the later one to --to.",
        )
        raise typer.Exit(ExitCode.USAGE)
    outside = sorted({month for month in (start, end) if month and month not in months})
    if outside:
        named = " and ".join(f"{month:%Y-%m}" for month in outside)
        console.print(
            bad(f"{domain} has the months {months[0]:%Y-%m} to {months[-1]:%Y-%m};"),
            f"asked for {named}. {_how_to_widen(settings, known, months, outside)}",
        )
        raise typer.Exit(ExitCode.USAGE)
    return [m for m in months if (start or months[0]) <= m <= (end or months[-1])]


def _how_to_widen(
    settings: Settings, domain: Domain, months: list[date], outside: list[date]
) -> str:
    """What to set for months that are not the domain's, and which of them are loaded already."""
    lake = lake_of(settings)
    loaded = {month for table in domain.tables for month in lake.months(domain.name, table.name)}
    there = [f"{month:%Y-%m}" for month in outside if month in loaded]
    kept = (
        f" ({', '.join(there)} was loaded before; its rows stay as they are until then.)"
        if there
        else ""
    )
    first, last = min(outside[0], months[0]), max(outside[-1], months[-1])
    return f"If your shop has more, set {domain.months_setting}={first:%Y-%m}:{last:%Y-%m}.{kept}"


def read_month(text: str) -> date:
    """A month as it was typed; ends the command where it is none."""
    try:
        return parse_month(text)
    except ValueError as error:
        console.print(bad(str(error)))
        raise typer.Exit(2) from error


def known_domain(name: str) -> Domain:
    """The domain of a name; ends the command where there is none."""
    if name not in DOMAINS:
        console.print(bad(f"unknown domain {name!r};"), f"known: {', '.join(DOMAINS)}")
        raise typer.Exit(2)
    return DOMAINS[name]


def read_settings() -> Settings:
    """The settings; ends the command where a value is not one that its setting takes."""
    try:
        return load_settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            console.print(bad(f"setting {name}:"), problem["msg"])
        raise typer.Exit(2) from error


@contextmanager
def friendly_errors() -> Iterator[None]:
    """Print a failure's two sentences instead of a traceback."""
    try:
        yield
    except LakehouseError as error:
        say_failure(error)
        raise typer.Exit(ExitCode.FAILED) from error
