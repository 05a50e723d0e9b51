"""`ecommerce quarantine …`: rows that broke their contract.

Belongs here: listing, showing and replaying them. Stays out: the other commands (`cli.py`).
"""

from __future__ import annotations

from typing import Annotated

import typer

from ecommerce_assets.reports import months_table, quarantine_counts_table, quarantine_rows_table
from ecommerce_assets.terminal import (
    Domain,
    console,
    events_of,
    friendly_errors,
    known_table,
    read_month,
    read_settings,
    run_backfill,
    say_failures,
)

quarantine_app = typer.Typer(help="Rows that broke their contract.", no_args_is_help=True)


@quarantine_app.command("list")
def quarantine_list(domain: Domain = "cosmetics") -> None:
    """Count the quarantined rows by month and reason."""
    known_table(domain)
    with friendly_errors():
        table = quarantine_counts_table(*events_of(read_settings()))
    console.print(table if table.rows else "No row is in quarantine.")


@quarantine_app.command("show")
def quarantine_show(
    domain: Domain,
    month: Annotated[str, typer.Argument(help="e.g. 2019-10")],
    limit: Annotated[int, typer.Option(help="How many rows.")] = 20,
) -> None:
    """Show a month's quarantined rows: line, reasons and the row as it came."""
    known_table(domain)
    wanted = read_month(month)
    try:
        with friendly_errors():
            table = quarantine_rows_table(*events_of(read_settings()), wanted, limit)
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

    known_table(domain)
    now = read_settings()
    contract, lake = events_of(now)
    touched = []
    with friendly_errors():
        months = [read_month(month)] if month else lake.months(domain, contract.table)
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
        outcome = run_backfill(now, touched, False, "quarantine replay")
    console.print(months_table(*events_of(now), months))
    say_failures(outcome)
    if not outcome.ok:
        raise typer.Exit(1)
