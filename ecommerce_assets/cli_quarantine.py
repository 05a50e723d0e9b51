"""`ecommerce quarantine …`: rows that broke their contract.

Belongs here: listing, showing and replaying them. Stays out: the other commands (`cli.py`).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from ecommerce_assets.console import console
from ecommerce_assets.lib.quarantine import UNDATED
from ecommerce_assets.opening import lake_of
from ecommerce_assets.reports import quarantine_counts_table, quarantine_rows_table
from ecommerce_assets.terminal import (
    DomainName,
    chosen_months,
    friendly_errors,
    known_domain,
    print_months,
    read_month,
    read_settings,
    run_backfill,
    say_failures,
)

quarantine_app = typer.Typer(help="Rows that broke their contract.", no_args_is_help=True)


@quarantine_app.command("list")
def quarantine_list(domain: DomainName = "cosmetics") -> None:
    """Count the quarantined rows by month and reason."""
    lake = lake_of(read_settings())
    with friendly_errors():
        tables = [quarantine_counts_table(t.contract, lake) for t in known_domain(domain).tables]
    filled = [table for table in tables if table.rows]
    for table in filled:
        console.print(table)
    if not filled:
        console.print("No row is in quarantine.")


@quarantine_app.command("show")
def quarantine_show(
    domain: DomainName,
    month: Annotated[str, typer.Argument(help="e.g. 2019-10; undated: rows without a month")],
    limit: Annotated[int, typer.Option(help="How many rows.")] = 20,
) -> None:
    """Show a month's quarantined rows: line, reasons and the row as it came."""
    known = known_domain(domain)
    wanted = UNDATED if month == "undated" else read_month(month)
    lake, shown = lake_of(read_settings()), 0
    for source in known.tables:
        with friendly_errors():
            table = quarantine_rows_table(source.contract, lake, wanted, limit)
        if table is not None:
            console.print(table)
            shown += 1
    if not shown:
        console.print(f"{month} is not loaded; see: ecommerce status {domain}")
        raise typer.Exit(1)


@quarantine_app.command("replay")
def quarantine_replay(
    domain: DomainName = "cosmetics",
    month: Annotated[str | None, typer.Option(help="Only this month, e.g. 2019-10.")] = None,
) -> None:
    """Read the quarantined rows again after a rule was mended, and update what depends on them."""
    from ecommerce_assets.defs.dbt.accepted_values import refuse_values_ahead_of_models
    from ecommerce_assets.lib.replay import replay_month

    known, now = known_domain(domain), read_settings()
    lake = lake_of(now)
    touched: set[date] = set()
    with friendly_errors():
        for table in known.tables:  # all of them before any row is taken back
            refuse_values_ahead_of_models(table.contract)
        for table in known.tables:
            own, there = known.months(now), lake.months(domain, table.name)
            # What lies outside could be judged again, but no run would take it to the marts.
            months = (
                chosen_months(domain, month, month) if month else [m for m in there if m in own]
            )
            for each in months:
                result = replay_month(lake, table.contract, each, memory_limit=now.memory_limit)
                if result is None:
                    continue
                touched.add(each)
                console.print(
                    f"{each:%Y-%m}: {result.taken_back:,} rows taken back, "
                    f"{result.still_quarantined:,} still in quarantine"
                )
        if not touched:
            console.print("Nothing to replay: no quarantined row was judged by an older contract.")
            return
        outcome = run_backfill(now, known, sorted(touched), False, "quarantine replay")
    print_months(now, known, sorted(touched))
    say_failures(outcome)
    if not outcome.ok:
        raise typer.Exit(1)
