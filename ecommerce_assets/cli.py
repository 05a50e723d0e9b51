"""The command line, `ecommerce …`: thin; it asks `runner.py`, `lib/` and the ledger, and prints.

Belongs here: arguments, progress, tables, exit codes. Stays out: anything that makes a number.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.table import Table

from ecommerce_assets.cli_dashboard import dashboard
from ecommerce_assets.cli_new_source import new_source
from ecommerce_assets.cli_quarantine import quarantine_app
from ecommerce_assets.console import bad, coloured, console
from ecommerce_assets.domains.registry import DOMAINS, Domain, contracts_of_all_tables
from ecommerce_assets.exit_codes import ExitCode
from ecommerce_assets.guard import Guarded, require_free_port
from ecommerce_assets.lib.ledger import OVER_ALL_MONTHS, Ledger, LedgerRow
from ecommerce_assets.lib.processes import OWNER, OWNER_HOME, own_process
from ecommerce_assets.lib.seal import damaged_months
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
    truths_table,
)
from ecommerce_assets.settings import Settings
from ecommerce_assets.terminal import (
    DomainName,
    FromMonth,
    ToMonth,
    chosen_months,
    friendly_errors,
    known_domain,
    print_months,
    read_settings,
    run_backfill,
    say_failures,
    say_latest,
    say_undated,
    say_unreadable,
)

app = typer.Typer(
    help="The e-commerce lakehouse from the command line.",
    no_args_is_help=True,
    add_completion=False,
    cls=Guarded,
)
app.add_typer(quarantine_app, name="quarantine")
app.command("dashboard")(dashboard)
app.command("looker-link")(looker_link)
app.command("new-source")(new_source)


@app.command()
def backfill(
    domain: DomainName,
    first: FromMonth = None,
    last: ToMonth = None,
    force: Annotated[bool, typer.Option(help="Build models that are up to date, too.")] = False,
    plan: Annotated[
        bool, typer.Option(help="Show what would be done, why and at what cost; do nothing.")
    ] = False,
    accept_worse: Annotated[
        bool,
        typer.Option(
            "--accept-worse",
            help="Let a file replace a loaded month that has more rows, or fewer refused ones.",
        ),
    ] = False,
) -> None:
    """Load months from their files to the marts; without a range, all months of the domain."""
    settings, known = read_settings(), known_domain(domain)
    months = chosen_months(domain, first, last)
    if plan:
        _show_plan(settings, known, months, force)
        return
    command = "backfill --force" if force else "backfill"
    with friendly_errors():
        outcome = run_backfill(settings, known, months, force, command, accept_worse=accept_worse)
    print_months(settings, known, months)
    _say_absent(settings, known)
    say_failures(outcome)
    judged = _say_truths(settings, [known])
    _say_cost(outcome)
    dated = say_undated(lake_of(settings), known)
    if not outcome.ok or judged is ExitCode.FAILED:
        raise typer.Exit(ExitCode.FAILED)
    if not dated or judged:
        raise typer.Exit(ExitCode.INCOMPLETE)


@app.command()
def demo(
    names: Annotated[
        list[str] | None, typer.Argument(help="Only these domains.", show_default=False)
    ] = None,
) -> None:
    """Run the whole pipeline on the configured source and show what came out."""
    settings = read_settings()
    started, built, dated = time.monotonic(), 0, True
    failed = months_failed = False
    simulated = [name for name, domain in DOMAINS.items() if domain.simulated]
    domains = [known_domain(name) for name in names or simulated]
    for domain in domains:
        months = domain.months(settings)
        console.print(coloured(domain.name, "bold"))
        with friendly_errors():
            outcome = run_backfill(settings, domain, months, False, "demo")
        print_months(settings, domain, months)
        if settings.published_path.exists():
            console.print(key_metrics_table(settings, domain))
        say_failures(outcome)
        _say_cost(outcome)
        dated = say_undated(lake_of(settings), domain) and dated
        built, failed = built + len(outcome.models_built), failed or not outcome.ok
        months_failed = months_failed or bool(outcome.failed)
    judged = _say_truths(settings, domains)
    if failed and not months_failed and not Ledger(lake_of(settings)).latest_failures():
        # A readers' copy is refused until the last domain is there again.
        console.print("What failed on the way was made good by what came after it.")
        failed = False
    if judged is ExitCode.FAILED or failed:
        raise typer.Exit(ExitCode.FAILED)
    console.print(f"Done in {time.monotonic() - started:.0f} s; {built} months of models built.")
    console.print("Open the UI with: make dev; then http://127.0.0.1:3000")
    if not dated or judged:
        raise typer.Exit(ExitCode.INCOMPLETE)


@app.command()
def dev(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
) -> None:
    """Open the Dagster UI with its daemon, on the history that earlier commands made."""
    from ecommerce_assets.runner import prepare_dagster_home
    from ecommerce_assets.runs import close_left_behind, end_left_processes

    now = read_settings()
    end_left_processes(now.home, console.print)  # they may hold the port, too
    with friendly_errors():
        require_free_port(host, port, "dev")
        home = prepare_dagster_home(now)
        close_left_behind(now.home, console.print)
    console.print(f"Dagster's history is in {home}; the UI comes up at http://{host}:{port}")
    sys.stdout.flush()
    workspace = Path(__file__).parents[1] / "workspace.yaml"
    os.chdir(workspace.parent)
    # A shell lets its background jobs ignore SIGINT, and Dagster, which treats SIGTERM alike, could
    # then be stopped by SIGKILL alone.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # By this the next start knows what is left of this one, should it be killed.
    os.environ |= {OWNER: own_process(), OWNER_HOME: str(now.home)}
    guarded = [sys.executable, "-m", "ecommerce_assets.ui.dev", "-w", str(workspace)]
    os.execv(sys.executable, [*guarded, "-h", host, "-p", str(port)])  # noqa: S606


@app.command()
def settings() -> None:
    """List every setting with its value, its variable and its meaning; secrets are masked."""
    now = read_settings()
    table = Table("variable", "value", "meaning", title="Settings")
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if alias else f"ECOMMERCE_{name.upper()}"  # type: ignore[union-attr]
        value: Any = getattr(now, name)
        shown = "********" if isinstance(value, SecretStr) else "" if value is None else str(value)
        table.add_row(str(variable), shown, field.description or "")
    console.print(table)


@app.command()
def status(
    domain: Annotated[str | None, typer.Argument(help="Only this domain.")] = None,
) -> None:
    """Show for every month what is loaded, what failed and what is missing."""
    now = read_settings()
    domains = [known_domain(domain)] if domain else list(DOMAINS.values())
    dated = True
    with friendly_errors():
        book = Ledger(lake_of(now))
        known = {row.dataset for row in book.rows()}
        for each in domains:
            if domain or any(table.contract.dataset in known for table in each.tables):
                print_months(now, each, each.months(now))
                dated = say_undated(lake_of(now), each) and dated
            else:
                console.print(f"{each.name}: nothing is loaded yet; ecommerce backfill {each.name}")
        say_latest(row for row in book.latest_failures() if _can_be_made_good(now, row))
        say_unreadable(lake_of(now))
    if not dated:
        raise typer.Exit(ExitCode.INCOMPLETE)


@app.command()
def ledger(
    dataset: Annotated[str | None, typer.Argument(help="e.g. cosmetics.events")] = None,
    last: Annotated[int, typer.Option(help="How many of the newest attempts.")] = 20,
    calibration: Annotated[
        bool, typer.Option(help="Past estimates of time and memory beside what it took.")
    ] = False,
) -> None:
    """List the attempted loads, newest last."""
    with friendly_errors():
        rows = Ledger(lake_of(read_settings())).rows(dataset)
    if calibration:
        for part in drawn(calibration_table(rows)):
            console.print(part)
        return
    console.print(ledger_table(rows[-last:]))
    say_unreadable(lake_of(read_settings()))


@app.command()
def verify() -> None:
    """Check the lake's files, build all models once more and compare every table; takes a while."""
    from ecommerce_assets.defs.platform.rebuild import compare_with_rebuild
    from ecommerce_assets.defs.platform.resources import Lakehouse
    from ecommerce_assets.runs import end_left_processes

    now = read_settings()
    with friendly_errors():
        damaged = damaged_months(lake_of(now), contracts_of_all_tables())
    for found in damaged:
        console.print(bad(found.why), f"\nWhat to do: {found.cure}")
    if damaged:
        raise typer.Exit(ExitCode.FAILED)
    lakehouse = Lakehouse()
    end_left_processes(lakehouse.settings.home, console.print)
    with friendly_errors(), console.status("Rebuilding all models, then comparing"):
        comparison = compare_with_rebuild(lakehouse, lakehouse.warehouse)
    compared = comparison.tables
    console.print(comparison_table(compared))
    for name, why in comparison.left_out.items():
        console.print(f"{name} is left out: {why}.")
    differing = [each for each in compared if not each.equal]
    for each in differing:
        console.print(bad(each.table), each.words)
    if differing:
        console.print(
            bad(f"{len(differing)} of {len(compared)} tables differ from a full rebuild."),
            "Rebuild them: ecommerce backfill DOMAIN --force",
        )
        raise typer.Exit(ExitCode.FAILED)
    console.print(
        f"All {len(compared)} tables equal a full rebuild. Views follow from them and from the "
        "lake, and are not compared."
    )
    if comparison.out_of_date:
        raise typer.Exit(ExitCode.INCOMPLETE)


@app.command()
def truths(
    all_rows: Annotated[
        bool, typer.Option("--all", help="Also those that do not apply to what is loaded.")
    ] = False,
) -> None:
    """Show published and planted figures beside ours, as they were last compared."""
    from ecommerce_assets.verdicts import STATUSES, tally_of

    now = read_settings()
    with friendly_errors():
        lake = lake_of(now)
        tallies = [tally_of(now, lake, d, Ledger(lake).rows(d.dataset)) for d in DOMAINS.values()]
    verdicts = [verdict for tally in tallies for verdict in tally.verdicts]
    shown = [each for each in verdicts if all_rows or each.status != "not applicable"]
    if shown:
        console.print(truths_table(shown))
    console.print(
        f"{len(verdicts)} figures: "
        + ", ".join(
            f"{sum(each.status == status for each in verdicts)} {status}" for status in STATUSES
        )
    )
    if any(each.status == "differs" for each in verdicts):
        raise typer.Exit(ExitCode.FAILED)
    if any(tally.open for tally in tallies):
        raise typer.Exit(ExitCode.INCOMPLETE)


def _can_be_made_good(settings: Settings, row: LedgerRow) -> bool:
    """Whether a backfill would try again what failed: not outside the domain's months."""
    domain = DOMAINS.get(row.dataset.partition(".")[0])
    if domain is None or row.step in OVER_ALL_MONTHS or row.dataset not in domain.datasets:
        return True
    return date.fromisoformat(row.month) in domain.months(settings)


def _say_absent(settings: Settings, domain: Domain) -> None:
    """Name the source tables that the settings give no source."""
    for table in domain.tables:
        if absent := table.why_absent(settings):
            console.print(f"{table.contract.dataset} has no source, so it is left out: {absent}")


def _show_plan(settings: Settings, domain: Domain, months: list[date], force: bool) -> None:
    from ecommerce_assets.pricing import price_plan
    from ecommerce_assets.runner import Runner

    with friendly_errors():
        runner = Runner(settings, console.print)
        plan = runner.plan(domain, months, force_models=force)
        refusal = plan.refusals.get(domain.primary(settings).contract.dataset)
        if refusal:
            raise refusal
        price = price_plan(settings, plan)
    for part in drawn(plan_table(plan, *runner.model_names(domain))):
        console.print(part)
    if price:
        console.print(price_note(price))
    say_unreadable(lake_of(settings))


def _say_cost(outcome: Any) -> None:
    """One line: what was estimated, and what it took."""
    cost = outcome.plan.cost
    console.print(
        f"Estimated {seconds_text(cost.seconds)}, took {outcome.seconds:,.1f} s; memory estimated "
        f"{memory_text(cost.megabytes)}, sampled {outcome.peak_mb:,.0f} MB."
    )


def _say_truths(settings: Settings, domains: list[Domain]) -> ExitCode:
    """Say of each domain how many published and planted figures ours meet, and of when that is."""
    from ecommerce_assets.verdicts import tally_of

    lake, code = lake_of(settings), ExitCode.OK
    for domain in domains:
        tally = tally_of(settings, lake, domain, Ledger(lake).rows(domain.dataset))
        if tally.counts["differs"]:
            code = ExitCode.FAILED
        elif tally.open and code is ExitCode.OK:
            code = ExitCode.INCOMPLETE
        told = bad(tally.words) if tally.counts["differs"] else tally.words
        console.print(told, "" if code is ExitCode.OK else "See: ecommerce truths")
    return code
