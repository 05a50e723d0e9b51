"""The tables that commands print: months and their state, the ledger, key metrics, quarantine.

Belongs here: what a table shows and how. Stays out: arguments and exit codes (`cli.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from rich.table import Table
from rich.text import Text

from ecommerce_assets.console import coloured
from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.contract import TableContract
from ecommerce_assets.lib.failures import TransientFailure
from ecommerce_assets.lib.ingest import IngestResult, published_info
from ecommerce_assets.lib.lake import Lake
from ecommerce_assets.lib.ledger import Ledger, LedgerRow
from ecommerce_assets.lib.months import said_once
from ecommerce_assets.lib.quarantine import UNDATED, Quarantine
from ecommerce_assets.lib.truths import Verdict
from ecommerce_assets.lib.warehouse.comparison import TableComparison
from ecommerce_assets.opening import lake_of, warehouse_of
from ecommerce_assets.plan_text import Table as TextTable
from ecommerce_assets.plan_text import outside_note
from ecommerce_assets.settings import Settings

#: How long the table of months waits for a warehouse that another process holds.
PATIENCE_S = 2.0
FIGURES = ("received", "accepted", "quarantined", "blank", "seconds")
CHANGES = ("added", "removed", "altered")
COLOURS = {"loaded": "green", "unchanged": "green", "failed": "red", "interrupted": "red"}


def state_text(state: str) -> Text:
    """A state in its colour."""
    return coloured(state, COLOURS.get(state, "yellow"))


def months_tables(settings: Settings, domain: Domain, months: list[date]) -> list[Table | str]:
    """For each source table and month what is loaded, what failed, what is missing, and why.

    Seconds are of the last load. A table of which nothing was ever loaded is left out, unless it is
    the only one. A sentence follows where months are loaded that are not the domain's. While
    another process holds the warehouse, nothing is said of models.
    """
    from ecommerce_assets.defs.dbt.freshness import model_state, why_stale

    lake = lake_of(settings)
    rows = Ledger(lake).rows()
    stale: dict[date, str] | None = None
    notes = []
    try:
        warehouse = warehouse_of(settings, patience_s=PATIENCE_S)
        state = model_state(lake, warehouse, domain, rows)
    except TransientFailure as failure:
        notes.append(f"Which models are built is not known now: {failure}.")
    else:
        stale = {month: why for month in months if (why := why_stale(state, month))}
        known = {month: why for month, why in stale.items() if month in state.contents}
        notes += [f"Models of {named}: {why}." for named, why in said_once(known)]
        outside = outside_note(domain, state, domain.months(settings))
        notes += [f"{outside}."] if outside else []
    tables: list[Table | str] = []
    for source in domain.tables:
        own = [row for row in rows if row.dataset == source.contract.dataset]
        if own or len(domain.tables) == 1:
            tables.append(_months_table(source.contract, lake, months, own, stale))
    return [*tables, *notes]


def _months_table(
    contract: TableContract,
    lake: Lake,
    months: list[date],
    rows: list[LedgerRow],
    stale: Mapping[date, str] | None,
) -> Table:
    published = set(lake.months(contract.domain, contract.table))
    table = Table("month", "state", "models", title=contract.dataset)
    for title in FIGURES:
        table.add_column(title, justify="right")
    for month in months:
        own = [r for r in rows if r.month == f"{month}" and r.step in ("files", "lake", "replay")]
        models = "missing" if month not in published else _models(month, stale)
        loads = [r for r in own if r.rows_received is not None]
        newest = loads[-1] if loads and month in published else None
        table.add_row(
            f"{month:%Y-%m}",
            state_text(_state(own, month in published)),
            models,
            *(_figures(newest)[:-1] if newest else [""] * 4),
            _work_seconds(own),
        )
    return table


def _models(month: date, stale: Mapping[date, str] | None) -> str:
    if stale is None:
        return "in use"
    return "stale" if month in stale else "built"


def ledger_table(rows: list[LedgerRow]) -> Table:
    """The attempts, a row each."""
    table = Table("started (UTC)", "data set", "step", "month", "status", title="Ledger")
    for title in FIGURES:
        table.add_column(title, justify="right")
    for title in CHANGES:
        table.add_column(title, justify="right")
    table.add_column("reason")
    for row in rows:
        table.add_row(
            row.started_at[:19],
            row.dataset,
            row.step,
            row.month[:7],
            state_text(row.status),
            *_figures(row),
            *_changes(row),
            row.reason or "",
        )
    return table


def drawn(text: TextTable) -> list[Table | str]:
    """A table of texts for the terminal, and its notes; a table without rows is its title."""
    if not text.rows:
        return [text.title, *text.notes]
    table = Table(title=text.title)
    for name in text.columns:
        numeric = name.strip() in ("rows", "bytes", "ratio", "took s", "peak MB")
        table.add_column(name.strip(), justify="right" if numeric else "left")
    for row in text.rows:
        table.add_row(*row)
    return [table, *text.notes]


def key_metrics_table(settings: Settings, domain: Domain) -> Table:
    """The demo's few figures of each month of a domain, from the copy for readers."""
    import duckdb

    query = (Path(__file__).parent / "domains" / domain.name / "key_metrics.sql").read_text()
    with duckdb.connect(str(settings.published_path), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        rows = db.execute(query)
        titles = [column[0] for column in rows.description]
        table = Table(*titles, title=f"Key metrics of {domain.name}, from published.duckdb")
        for row in rows.fetchall():
            table.add_row(*(str(value) for value in row))
    return table


def quarantine_counts_table(contract: TableContract, lake: Lake) -> Table:
    """Quarantined rows by month and reason; no row in the table means none in quarantine."""
    table = Table("month", "reason", "rows", title=f"Quarantine of {contract.dataset}")
    for month, result in _published(contract, lake):
        for reason, rows in result.reasons.items():
            table.add_row(f"{month:%Y-%m}", reason, f"{rows:,}")
    load_key = _undated_key(contract, lake)
    if load_key is not None:
        listed = Quarantine(lake, contract, UNDATED).read(load_key)["reasons"].to_pylist()
        for reason, number in sorted(Counter(code for codes in listed for code in codes).items()):
            table.add_row("undated", reason, f"{number:,}")
    return table


def _undated_key(contract: TableContract, lake: Lake) -> str | None:
    """Names the quarantine of a shared file's rows without a month; None if none was loaded."""
    keys = lake.keys_in(Quarantine(lake, contract, UNDATED).folder)
    return keys[-1].rpartition("/")[2].removesuffix(".parquet") if keys else None


def quarantine_rows_table(
    contract: TableContract, lake: Lake, month: date, limit: int
) -> Table | None:
    """A month's quarantined rows: line, reasons and the row as it came; None if it is not loaded.

    `UNDATED` stands for the rows of a shared file that have no month.
    """
    quarantine = Quarantine(lake, contract, month)
    if month == UNDATED:
        load_key = _undated_key(contract, lake)
    else:
        published = lake.exists(lake.parquet_key(contract.domain, contract.table, month))
        load_key = published_info(lake, contract, month).load_key if published else None
    if load_key is None:
        return None
    rows = quarantine.read(load_key)
    name = "undated" if month == UNDATED else f"{month:%Y-%m}"
    title = f"{rows.num_rows:,} rows of {contract.dataset}, {name}"
    table = Table("line", "reasons", title=title)
    table.add_column("row", overflow="fold")  # whole, however narrow the terminal is
    for row in rows.slice(0, limit).to_pylist():
        table.add_row(f"{row['line']:,}", ", ".join(row["reasons"]), row["raw_line"])
    return table


def _published(contract: TableContract, lake: Lake) -> Iterator[tuple[date, IngestResult]]:
    for month in lake.months(contract.domain, contract.table):
        yield month, published_info(lake, contract, month)


def _state(own: list[LedgerRow], published: bool) -> str:
    newest = {row.step: row for row in own}
    for row in newest.values():
        if row.status in ("failed", "interrupted", "running"):
            return row.status
    return "loaded" if published else "missing"


def _figures(row: LedgerRow) -> list[str]:
    counts = (row.rows_received, row.rows_accepted, row.rows_quarantined, row.blank_lines)
    seconds = "" if row.seconds is None else f"{row.seconds:.1f}"
    return [*("" if n is None else f"{n:,}" for n in counts), seconds]


def _changes(row: LedgerRow) -> list[str]:
    counts = (row.rows_added, row.rows_removed, row.rows_altered)
    shown = ["" if n is None else f"{n:,}" for n in counts]
    if row.change in ("reordered", "columns"):
        shown[-1] += f" ({row.change})"
    return shown


def _work_seconds(own: list[LedgerRow]) -> str:
    """Seconds of the newest fetch and load that did work."""
    done = {row.step: row.seconds for row in own if row.status == "loaded" and row.seconds}
    return f"{sum(done.values()):.1f}" if done else ""


def comparison_table(compared: list[TableComparison]) -> Table:
    """Tables of the warehouse beside those of a full rebuild."""
    table = Table("table", title="Built month by month, beside a full rebuild")
    for title in ("rows", "in the rebuild", "too many", "missing"):
        table.add_column(title, justify="right")
    for each in compared:
        colour = "" if each.equal else "red"
        figures = (each.rows, each.rows_expected, each.surplus, each.missing)
        table.add_row(each.table, *("" if n is None else f"{n:,}" for n in figures), style=colour)
    return table


def truths_table(verdicts: list[Verdict]) -> Table:
    """Truths beside our figures."""
    table = Table("months", "figure", title="Truths")
    for title in ("expected", "ours"):
        table.add_column(title, justify="right")
    for title in ("", "definition", "source"):
        table.add_column(title)
    colours = {"matches": "green", "differs": "red"}
    for each in verdicts:
        colour = colours.get(each.status, "yellow")
        table.add_row(
            each.scope,
            each.metric,
            each.expected,
            each.found or "",
            coloured(each.status, colour),
            each.reason if each.status == "not applicable" else each.definition,
            each.source,
        )
    return table
