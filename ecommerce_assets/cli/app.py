"""The command line, `ecommerce …`: thin; it asks the runner, `lib/` and the ledger, and prints.

Belongs here: the commands that run something, and where the others are. Stays out: the commands
that list (`lists.py`), what they print (`tables.py`), and anything that makes a number.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import signal
import sys
import time
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ecommerce_assets.cli.answer import Answer, AsJson, answering
from ecommerce_assets.cli.answers import answer_with, note_standing
from ecommerce_assets.cli.dashboard import dashboard
from ecommerce_assets.cli.frame import Guarded, require_free_port
from ecommerce_assets.cli.lists import ledger, settings, status, truths, verify
from ecommerce_assets.cli.looker import looker_link
from ecommerce_assets.cli.new_source import new_source
from ecommerce_assets.cli.produce import produce, simulate
from ecommerce_assets.cli.quarantine import quarantine_app
from ecommerce_assets.cli.stream import stream_app
from ecommerce_assets.cli.terminal import (
    DomainName,
    FromMonth,
    SomeDomains,
    ToMonth,
    chosen_months,
    known_domain,
    read_settings,
    run_backfill,
    say_broken,
)
from ecommerce_assets.connect import lake_of
from ecommerce_assets.domains.registry import DOMAINS, Domain
from ecommerce_assets.lib.exit_codes import ExitCode
from ecommerce_assets.lib.ingest.month_file import INGEST_VERSION
from ecommerce_assets.lib.lake.ledger import Ledger
from ecommerce_assets.lib.processes import OWNER, OWNER_HOME, own_process
from ecommerce_assets.lib.text.console import coloured, console
from ecommerce_assets.lib.text.listing import show
from ecommerce_assets.planning.words import plan_table, price_note
from ecommerce_assets.settings import Settings

app = typer.Typer(
    help="The e-commerce lakehouse from the command line. Exit codes: 0 all is there and current; "
    "1 something failed; 2 called wrongly; 3 something is missing or out of date.",
    no_args_is_help=True,
    cls=Guarded,
)
app.add_typer(quarantine_app, name="quarantine")
stream_app.command("produce")(produce)
stream_app.command("simulate")(simulate)
app.add_typer(stream_app, name="stream")
for command in (settings, status, ledger, verify, truths, dashboard):
    app.command(command.__name__)(command)
app.command("looker-link")(looker_link)
app.command("new-source")(new_source)


def _say_version(wanted: bool) -> None:
    if not wanted:
        return
    console.print(f"ecommerce {importlib.metadata.version('ecommerce-assets')}")
    console.print(f"Python {platform.python_version()}, rules of loading {INGEST_VERSION}")
    for domain in DOMAINS.values():
        for table in domain.all_tables:
            console.print(f"contract {table.contract.dataset} {table.contract.version}")
    raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Show the versions and end."
        ),
    ] = False,
) -> None:
    """The e-commerce lakehouse from the command line."""


main.__doc__ = app.info.help


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
    as_json: AsJson = False,
) -> None:
    """Load months from their files to the marts; without a range, all months of the domain.

    Exit codes: 0 where the months are loaded, built and judged; 1 where a month, a model or a
    figure fails; 2 for an unknown domain or range; 3 where something is missing or out of date, or
    rows have no month.
    """
    with answering("backfill --plan" if plan else "backfill", as_json=as_json) as answer:
        now, known = read_settings(), known_domain(domain)
        months = chosen_months(domain, first, last)
        if plan:
            _plan(answer, now, known, months, force)
            return
        name = "backfill --force" if force else "backfill"
        outcome = run_backfill(now, known, months, force, name, accept_worse=accept_worse)
        answer_with(answer, now, known, months, outcome)


@app.command()
def demo(names: SomeDomains = None) -> None:
    """Run the whole pipeline on the configured source and show what came out.

    Exit codes: as of backfill.
    """
    with answering("demo") as answer:
        now = read_settings()
        started, built = time.monotonic(), 0
        simulated = [name for name, domain in DOMAINS.items() if domain.simulated]
        domains = [known_domain(name) for name in names or simulated]
        for domain in domains:
            months = domain.months(now)
            console.print(coloured(domain.name, "bold"))
            outcome = run_backfill(now, domain, months, False, "demo")
            # How domains stand is judged when all were run, so that codes come last.
            said = Answer("demo", 1, False)
            answer_with(said, now, domain, months, outcome, metrics=True)
            if outcome.failed:
                answer.note(ExitCode.FAILED)
            built += len(outcome.models_built)
        note_standing(answer, now, domains)
        took = f"{time.monotonic() - started:.0f} s; {built} months of models built"
        left = [name for name in simulated if name not in {domain.name for domain in domains}]
        beside = f"; not run: {', '.join(left)}" if left else ""
        console.print(f"Done in {took}{beside}.")
        console.print("Open the UI with: make dev; then http://127.0.0.1:3000")


@app.command()
def dev(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
) -> None:
    """Open the Dagster UI with its daemon, on the history that earlier commands made."""
    now = read_settings()  # first: the modules below read the settings, too
    from ecommerce_assets.runs.home import prepare_dagster_home
    from ecommerce_assets.runs.processes import close_left_behind, end_left_processes

    end_left_processes(now.home, console.print)  # they may hold the port, too
    require_free_port(host, port, "dev")
    home = prepare_dagster_home(now)
    close_left_behind(now.home, console.print)
    console.print(f"Dagster's history is in {home}; the UI comes up at http://{host}:{port}")
    sys.stdout.flush()
    workspace = Path(__file__).parents[2] / "workspace.yaml"
    os.chdir(workspace.parent)
    # A shell lets its background jobs ignore SIGINT, and Dagster, which treats SIGTERM alike, could
    # then be stopped by SIGKILL alone.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # By this the next start knows what is left of this one, should it be killed.
    os.environ |= {OWNER: own_process(), OWNER_HOME: str(now.home)}
    guarded = [sys.executable, "-m", "ecommerce_assets.ui.dev", "-w", str(workspace)]
    os.execv(sys.executable, [*guarded, "-h", host, "-p", str(port)])  # noqa: S606


def _plan(
    answer: Answer, settings: Settings, domain: Domain, months: list[date], force: bool
) -> None:
    """Show what a backfill would do."""
    from ecommerce_assets.cli.opening import open_runner
    from ecommerce_assets.planning.price import price_plan

    runner = open_runner(settings, console.print)
    plan = runner.plan(domain, months, force_models=force)
    refusal = plan.refusals.get(domain.primary(settings).contract.dataset)
    if refusal:
        raise refusal
    price = price_plan(settings, plan)
    table = plan_table(plan, *runner.model_names(domain))
    answer.data |= {
        "domain": domain.name,
        "months": [f"{month:%Y-%m}" for month in months],
        "steps": table.records(),
        "notes": table.notes,
        "partitions": plan.size.partitions,
        "rows": plan.size.rows,
        "bytes": plan.size.bytes,
        "seconds": vars(plan.cost.seconds),
        "megabytes": vars(plan.cost.megabytes),
        "price": price_note(price) if price else None,
    }
    if answer.as_json:
        return
    show(console, table)
    if price:
        console.print(price_note(price))
    lake = lake_of(settings)
    say_broken(lake, Ledger(lake).read()[1])
