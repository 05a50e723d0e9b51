"""The command line, `ecommerce …`: thin; it asks `runner.py`, `lib/` and the ledger, and prints.

Belongs here: arguments, progress, tables, exit codes. Stays out: anything that makes a number.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ecommerce_assets.lib.contract import TableContract, load_contract
from ecommerce_assets.lib.failures import LakehouseError
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger
from ecommerce_assets.looker import looker_link
from ecommerce_assets.opening import lake_of
from ecommerce_assets.plan_text import (
    calibration_table,
    memory_text,
    plan_table,
    price_note,
    seconds_text,
)
from ecommerce_assets.reports import (
    comparison_table,
    drawn,
    key_metrics_table,
    ledger_table,
    months_table,
    quarantine_counts_table,
    quarantine_rows_table,
    truths_table,
)
from ecommerce_assets.settings import Settings, load_settings, parse_month

app = typer.Typer(
    help="The e-commerce lakehouse from the command line.",
    no_args_is_help=True,
    add_completion=False,
)
quarantine_app = typer.Typer(help="Rows that broke their contract.", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine")
app.command("looker-link")(looker_link)
# Bound to the real terminal: while a run is on, sys.stdout goes to its log.
console = Console(file=sys.stdout)

Domain = Annotated[str, typer.Argument(help="The domain: cosmetics.")]
FromMonth = Annotated[str | None, typer.Option("--from", help="First month, e.g. 2019-10.")]
ToMonth = Annotated[str | None, typer.Option("--to", help="Last month, e.g. 2020-02.")]


@app.command()
def backfill(
    domain: Domain,
    first: FromMonth = None,
    last: ToMonth = None,
    force: Annotated[bool, typer.Option(help="Build models that are up to date, too.")] = False,
    plan: Annotated[
        bool, typer.Option(help="Show what would be done, why and at what cost; do nothing.")
    ] = False,
) -> None:
    """Load months from their files to the marts; without a range, all months of the domain."""
    settings = _settings()
    months = _months(domain, first, last)
    if plan:
        _show_plan(settings, months, force)
        return
    with _errors():
        outcome = _backfill(settings, months, force, "backfill --force" if force else "backfill")
    console.print(months_table(*_events(settings), months))
    _say_failures(outcome)
    _say_truths(settings)
    _say_cost(outcome)
    if not outcome.ok:
        raise typer.Exit(1)


@app.command()
def demo() -> None:
    """Run the whole pipeline on the configured source and show what came out."""
    settings = _settings()
    months = _months("cosmetics", None, None)
    started = time.monotonic()
    with _errors():
        outcome = _backfill(settings, months, False, "demo")
    console.print(months_table(*_events(settings), months))
    if settings.published_path.exists():
        console.print(key_metrics_table(settings))
    _say_failures(outcome)
    _say_truths(settings)
    if not outcome.ok:
        raise typer.Exit(1)
    _say_cost(outcome)
    changed = f"{len(outcome.models_built)} months of models built"
    console.print(f"Done in {time.monotonic() - started:.0f} s; {changed}.")
    console.print("Open the UI with [bold]make dev[/bold], then http://127.0.0.1:3000")


@app.command()
def dev(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
) -> None:
    """Open the Dagster UI with its daemon, on the history that earlier commands made."""
    from ecommerce_assets.runner import prepare_dagster_home

    home = prepare_dagster_home(_settings())
    console.print(f"Dagster's history is in {home}; the UI comes up at http://{host}:{port}")
    sys.stdout.flush()
    workspace = Path(__file__).parents[1] / "workspace.yaml"
    os.chdir(workspace.parent)
    program = str(Path(sys.executable).parent / "dagster")
    os.execv(program, [program, "dev", "-w", str(workspace), "-h", host, "-p", str(port)])  # noqa: S606


@app.command()
def settings() -> None:
    """List every setting with its value, its variable and its meaning; secrets are masked."""
    now = _settings()
    table = Table("variable", "value", "meaning", title="Settings")
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if alias else f"ECOMMERCE_{name.upper()}"  # type: ignore[union-attr]
        value: Any = getattr(now, name)
        shown = "********" if isinstance(value, SecretStr) else "" if value is None else str(value)
        table.add_row(str(variable), shown, field.description or "")
    console.print(table)


@app.command()
def status(domain: Domain = "cosmetics") -> None:
    """Show for every month what is loaded, what failed and what is missing."""
    now = _settings()
    months = _months(domain, None, None)
    with _errors():
        console.print(months_table(*_events(now), months))
        for row in Ledger(lake_of(now)).latest_failures():
            what = f"{row.dataset} {row.month[:7]}, {row.step}: {row.status}"
            console.print(f"[red]{what}[/red] {row.reason or ''}")


@app.command()
def ledger(
    dataset: Annotated[str | None, typer.Argument(help="e.g. cosmetics.events")] = None,
    last: Annotated[int, typer.Option(help="How many of the newest attempts.")] = 20,
    calibration: Annotated[
        bool, typer.Option(help="Past estimates of time and memory beside what it took.")
    ] = False,
) -> None:
    """List the attempted loads, newest last."""
    with _errors():
        rows = Ledger(lake_of(_settings())).rows(dataset)
    if calibration:
        for part in drawn(calibration_table(rows)):
            console.print(part)
        return
    console.print(ledger_table(rows[-last:]))


@app.command()
def verify() -> None:
    """Build all models once more beside the warehouse and compare every table; takes a while."""
    from ecommerce_assets.defs.platform.rebuild import compare_with_rebuild
    from ecommerce_assets.defs.platform.resources import Lakehouse

    _settings()
    with _errors(), console.status("Rebuilding all models from the lake, then comparing"):
        compared = compare_with_rebuild(Lakehouse())
    console.print(comparison_table(compared))
    differing = [each.table for each in compared if not each.equal]
    if differing:
        console.print(
            f"[red]{len(differing)} tables differ from a full rebuild.[/red] Rebuild them: "
            "ecommerce backfill cosmetics --force"
        )
        raise typer.Exit(1)
    console.print(f"All {len(compared)} tables equal a full rebuild.")


@app.command()
def truths(
    all_rows: Annotated[
        bool, typer.Option("--all", help="Also those that do not apply to what is loaded.")
    ] = False,
) -> None:
    """Show published and planted figures beside ours, as they were last compared."""
    from ecommerce_assets.lib.truths import read_verdicts

    with _errors():
        contract, lake = _events(_settings())
        verdicts = read_verdicts(lake, contract.dataset)
    shown = [each for each in verdicts if all_rows or each.status != "not applicable"]
    if shown:
        console.print(truths_table(shown))
    console.print(
        f"{len(verdicts)} figures: "
        + ", ".join(
            f"{sum(each.status == status for each in verdicts)} {status}"
            for status in ("matches", "differs", "not applicable")
        )
    )
    if any(each.status == "differs" for each in verdicts):
        raise typer.Exit(1)


@quarantine_app.command("list")
def quarantine_list(domain: Domain = "cosmetics") -> None:
    """Count the quarantined rows by month and reason."""
    _table(domain)
    with _errors():
        table = quarantine_counts_table(*_events(_settings()))
    console.print(table if table.rows else "No row is in quarantine.")


@quarantine_app.command("show")
def quarantine_show(
    domain: Domain,
    month: Annotated[str, typer.Argument(help="e.g. 2019-10")],
    limit: Annotated[int, typer.Option(help="How many rows.")] = 20,
) -> None:
    """Show a month's quarantined rows: line, reasons and the row as it came."""
    _table(domain)
    wanted = _month(month)
    try:
        with _errors():
            table = quarantine_rows_table(*_events(_settings()), wanted, limit)
    except FileNotFoundError as error:
        console.print(f"{wanted:%Y-%m} is not loaded; see: ecommerce status {domain}")
        raise typer.Exit(1) from error
    console.print(table)


@quarantine_app.command("replay")
def quarantine_replay(
    domain: Domain = "cosmetics",
    month: Annotated[str | None, typer.Option(help="Only this month, e.g. 2019-10.")] = None,
) -> None:
    """Read the quarantined rows again after a rule was mended, and update what depends on them."""
    from ecommerce_assets.lib.replay import replay_month

    _table(domain)
    now = _settings()
    contract, lake = _events(now)
    touched = []
    with _errors():
        months = [_month(month)] if month else lake.months(domain, contract.table)
        for each in months:
            result = replay_month(lake, contract, each, memory_limit=now.memory_limit)
            if result is None:
                continue
            touched.append(each)
            console.print(
                f"{each:%Y-%m}: {result.taken_back:,} rows taken back, "
                f"{result.still_quarantined:,} still in quarantine"
            )
        if not touched:
            console.print("Nothing to replay: no quarantined row was judged by an older contract.")
            return
        outcome = _backfill(now, touched, False, "quarantine replay")
    console.print(months_table(*_events(now), months))
    _say_failures(outcome)
    if not outcome.ok:
        raise typer.Exit(1)


def _show_plan(settings: Settings, months: list[date], force: bool) -> None:
    from ecommerce_assets.pricing import price_plan
    from ecommerce_assets.runner import Runner

    with _errors():
        runner = Runner(settings)
        plan = runner.plan(months, force_models=force)
        if plan.listing:
            raise plan.listing
        price = price_plan(settings, plan)
    for part in drawn(plan_table(plan, *runner.model_names())):
        console.print(part)
    if price:
        console.print(price_note(price))


def _backfill(settings: Settings, months: list[date], force: bool, command: str) -> Any:
    started = datetime.now(UTC)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=console, redirect_stdout=False
    ) as progress:
        start = progress.add_task("start Dagster", total=1)
        from ecommerce_assets.runner import Runner

        runner = Runner(settings)
        progress.update(start, completed=1)
        tasks: dict[str, Any] = {}

        def report(step: str, done: int, total: int) -> None:
            kind = step.split(" ", 1)[0]
            kind = "models" if kind == "marts" else kind
            if kind not in tasks:
                tasks[kind] = progress.add_task(step, total=total)
            progress.update(tasks[kind], description=step, completed=done, total=total)

        return runner.backfill_cosmetics(
            months, report, force_models=force, command=command, started=started
        )


def _say_cost(outcome: Any) -> None:
    """One line: what was estimated, and what it took."""
    cost = outcome.plan.cost
    console.print(
        f"Estimated {seconds_text(cost.seconds)}, took {outcome.seconds:,.1f} s; memory estimated "
        f"{memory_text(cost.megabytes)}, sampled {outcome.peak_mb:,.0f} MB."
    )


def _say_failures(outcome: Any) -> None:
    for month, reason in outcome.failed.items():
        console.print(f"[red]{month:%Y-%m} failed:[/red] {reason}")
    if outcome.models_failure:
        console.print(f"[red]The models failed:[/red] {outcome.models_failure}")
    if outcome.plan_failure:
        console.print(f"The asset ops/marts/backfill_plan was not renewed: {outcome.plan_failure}")


def _say_truths(settings: Settings) -> None:
    """Say it loudly where a figure of ours does not meet a published or planted one."""
    from ecommerce_assets.lib.truths import read_verdicts

    contract, lake = _events(settings)
    differing = [v for v in read_verdicts(lake, contract.dataset) if v.status == "differs"]
    if differing:
        console.print(
            f"[red]{len(differing)} figures differ from the truths;[/red] see: ecommerce truths"
        )


def _months(domain: str, first: str | None, last: str | None) -> list[date]:
    _table(domain)
    from ecommerce_assets.partitions import cosmetics_months

    months = cosmetics_months()
    start = _month(first) if first else months[0]
    end = _month(last) if last else months[-1]
    chosen = [month for month in months if start <= month <= end]
    outside = [m for m in (start, end) if m not in months]
    if outside or not chosen:
        console.print(
            f"[red]{domain} has the months {months[0]:%Y-%m} to {months[-1]:%Y-%m};[/red] "
            f"asked for {start:%Y-%m} to {end:%Y-%m}. Widen ECOMMERCE_COSMETICS_MONTHS if your "
            "shop has more."
        )
        raise typer.Exit(2)
    return chosen


def _events(settings: Settings) -> tuple[TableContract, Lake]:
    return load_contract("cosmetics", "events"), lake_of(settings)


def _month(text: str) -> date:
    try:
        return parse_month(text)
    except ValueError as error:
        console.print(f"[red]{error}[/red]")
        raise typer.Exit(2) from error


def _table(domain: str) -> str:
    tables = {"cosmetics": "events"}
    if domain not in tables:
        console.print(f"[red]unknown domain {domain!r};[/red] known: {', '.join(tables)}")
        raise typer.Exit(2)
    return tables[domain]


def _settings() -> Settings:
    try:
        return load_settings()
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            console.print(f"[red]setting {name}:[/red] {problem['msg']}")
        raise typer.Exit(2) from error


@contextmanager
def _errors() -> Iterator[None]:
    """Print a failure's two sentences instead of a traceback."""
    try:
        yield
    except LakehouseError as error:
        console.print(f"[red]{error.message}[/red]\nWhat to do: {error.cure}")
        raise typer.Exit(1) from error
