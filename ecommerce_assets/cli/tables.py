"""The tables that commands print: months and their state, the ledger, key metrics, quarantine.

Belongs here: what a table shows, and in which order columns go where there is no room. Stays out:
arguments and exit codes (`cli*.py`), layout (`lib/text/listing.py`), what is true
(`planning/standing.py`, `lib/`). Each says of when it is, and what it leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from ecommerce_assets.domains.registry import Domain
from ecommerce_assets.lib.lake.ledger import LedgerRow
from ecommerce_assets.lib.lake.slices import Month
from ecommerce_assets.lib.months import said_once
from ecommerce_assets.lib.text.console import coloured
from ecommerce_assets.lib.text.listing import Column, Listing
from ecommerce_assets.lib.truths import Verdict
from ecommerce_assets.lib.warehouse.comparison import TableComparison
from ecommerce_assets.lib.warehouse.duckdb_copy import age_of
from ecommerce_assets.settings import Settings

if TYPE_CHECKING:
    from ecommerce_assets.planning.standing import DomainStanding, MonthStanding

COLOURS = {
    **dict.fromkeys(("loaded", "unchanged", "built", "matches"), "green"),
    **dict.fromkeys(("failed", "interrupted", "differs"), "red"),
}
MONTH = Column("month")


def state_text(state: str) -> Text:
    """A state in its colour."""
    return coloured(state, COLOURS.get(state, "yellow"))


def utc_now() -> str:
    """This moment as tables show it."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def months_listings(
    standing: DomainStanding, asked: Collection[date] | None = None
) -> list[Listing]:
    """For each source table and month what is loaded, what failed, what is missing.

    Args:
        standing: of the domain.
        asked: only these months; the titles say how many of all they are.
    """
    found = []
    for dataset, group in groupby(standing.months, key=lambda month: month.dataset):
        months = list(group)
        found.append(_months_listing(dataset, months, asked))
    return found


def _months_listing(
    dataset: str, months: Sequence[MonthStanding], asked: Collection[date] | None
) -> Listing:
    shown = [month for month in months if asked is None or month.month in asked]
    there = sum(month.load is not None for month in months)
    some = f"{len(shown)} month{'s' * (len(shown) != 1)} shown; "
    part = "" if len(shown) == len(months) else some
    columns = [
        MONTH,
        Column("state"),
        Column("models"),
        *(Column(name, number=True) for name in ("received", "accepted", "quarantined")),
        Column("blank", number=True, rank=2),
        Column("seconds", number=True, rank=3),
        Column("loaded (UTC)", rank=4),
    ]
    rows: list[tuple[str | Text, ...]] = [
        (
            f"{month.month:%Y-%m}",
            state_text(month.state),
            state_text(month.models),
            *(_counts(month.load) if month.load else [""] * 4),
            "" if month.seconds is None else f"{month.seconds:.1f}",
            (month.load.finished_at or "")[:16].replace("T", " ") if month.load else "",
        )
        for month in shown
    ]
    title = f"{dataset}: {part}{there} of {len(months)} months are loaded, {utc_now()}"
    return Listing(title, columns, rows, [_sum_of(shown), *_null_words_of(shown)])


def _sum_of(months: Sequence[MonthStanding]) -> str:
    """All rows of the months: none of the columns above is the whole without the others."""
    loads = [month.load for month in months if month.load]
    received, accepted, quarantined, blank = (
        sum(getattr(load, name) or 0 for load in loads)
        for name in ("rows_received", "rows_accepted", "rows_quarantined", "blank_lines")
    )
    return (
        f"Together {received:,} rows received = {accepted:,} accepted + {quarantined:,} "
        f"quarantined + {blank:,} blank."
    )


def _null_words_of(months: Sequence[MonthStanding]) -> list[str]:
    """What became of words such as `NaN`: a sentence with the values of each column, if any did."""
    counts: Counter[str] = Counter()
    words: dict[str, list[str]] = {}
    for month in months:
        for key, number in (month.load.null_words if month.load else {}).items():
            column, _, word = key.partition(":")
            counts[column] += number
            if word not in words.setdefault(column, []):
                words[column].append(word)
    parts = [f"{n:,} of {column} ({', '.join(words[column])})" for column, n in counts.items()]
    return [f"Words that stand for no value became unknown values: {'; '.join(parts)}."] * bool(
        parts
    )


def endings(rows: Iterable[LedgerRow]) -> Iterator[tuple[str, str]]:
    """How attempts ended and why: what several months have in common comes once."""
    alike: dict[tuple[str, str, str], dict[date, str]] = {}
    for row in rows:
        if not isinstance(row.key, Month):
            yield f"{row.dataset} {row.key.words}, {row.step}: {row.status}", row.reason or ""
            continue
        group = alike.setdefault((row.dataset, row.step, row.status), {})
        group[row.key.first] = row.reason or ""
    for (dataset, step, status), reasons in alike.items():
        for months, reason in said_once(reasons):
            yield f"{dataset} {months}, {step}: {status}", reason


def ledger_listing(rows: Sequence[LedgerRow], of: int, dataset: str | None) -> Listing:
    """The newest attempts, a row each.

    Args:
        rows: that are shown, oldest first.
        of: how many there are in all.
        dataset: the data set that was asked for.
    """
    columns = [
        Column("started (UTC)"),
        *([] if dataset else [Column("data set")]),
        Column("step"),
        MONTH,
        Column("status"),
        *(Column(n, number=True, rank=2) for n in ("received", "accepted", "quarantined")),
        Column("blank", number=True, rank=3),
        Column("seconds", number=True, rank=1),
        *(Column(name, number=True, rank=4) for name in ("added", "removed", "altered")),
        Column("reason", rank=5, folds=True),
    ]
    cells: list[tuple[str | Text, ...]] = [
        (
            row.started_at[:19].replace("T", " "),
            *([] if dataset else [row.dataset]),
            row.step,
            row.key.words,
            state_text(row.status),
            *_counts(row),
            "" if row.seconds is None else f"{row.seconds:.1f}",
            *_changes(row),
            row.reason or "",
        )
        for row in rows
    ]
    named = f" of {dataset}" if dataset else ""
    whole = "all" if len(rows) == of else "the newest"
    title = f"Ledger{named}: {whole} {len(rows)} of {of} attempts, {utc_now()}"
    notes = [f"{words}: {reason}" for words, reason in endings(r for r in rows if r.reason)]
    if len(rows) < of:
        notes.append(f"--last {of} shows all.")
    return Listing(title, columns, cells, notes)


def key_metrics_listing(settings: Settings, domain: Domain) -> Listing:
    """The demo's few figures of each month of a domain, from the copy for readers."""
    import duckdb

    query = (Path(__file__).parents[1] / "domains" / domain.name / "key_metrics.sql").read_text()
    age = age_of(settings.published_path)
    of = age.of(domain.name).as_of if age else None
    with duckdb.connect(str(settings.published_path), read_only=True) as db:
        db.execute("set TimeZone = 'UTC'")
        found = db.execute(query)
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    columns = [Column(name, number=place > 0, rank=place) for place, name in enumerate(names)]
    cells: list[tuple[str | Text, ...]] = [
        tuple("" if value is None else str(value) for value in row) for row in rows
    ]
    title = f"Key metrics of {domain.name} by month, from the readers' copy"
    return Listing(f"{title} of {of:%Y-%m-%d %H:%M} UTC" if of else title, columns, cells)


def _counts(row: LedgerRow) -> list[str]:
    counts = (row.rows_received, row.rows_accepted, row.rows_quarantined, row.blank_lines)
    return ["" if n is None else f"{n:,}" for n in counts]


def _changes(row: LedgerRow) -> list[str]:
    counts = (row.rows_added, row.rows_removed, row.rows_altered)
    shown = ["" if n is None else f"{n:,}" for n in counts]
    if row.change in ("reordered", "columns"):
        shown[-1] += f" ({row.change})"
    return shown


def comparison_listing(compared: Sequence[TableComparison]) -> Listing:
    """Tables of the warehouse beside those of a full rebuild, the differing ones first."""
    columns = [
        Column("table", folds=True),
        Column("rows", number=True),
        Column("in the rebuild", number=True, rank=1),
        Column("too many", number=True),
        Column("missing", number=True),
    ]
    rows: list[tuple[str | Text, ...]] = []
    for each in sorted(compared, key=lambda each: each.equal):
        figures = (each.rows, each.rows_expected, each.surplus, each.missing)
        name = each.table if each.equal else coloured(each.table, "red")
        rows.append((name, *("none" if n is None else f"{n:,}" for n in figures)))
    return Listing(f"Built month by month, beside a full rebuild, {utc_now()}", columns, rows)


def truths_listing(verdicts: Sequence[Verdict], left_out: int) -> Listing:
    """Truths beside our figures.

    Args:
        verdicts: as they stand now.
        left_out: how many more there are that do not apply to what is loaded.
    """
    columns = [
        Column("months"),
        Column("figure", folds=True),
        Column("expected", number=True),
        Column("ours", number=True),
        Column("verdict"),
        Column("judged (UTC)", rank=1),
        Column("published or planted by", rank=3, folds=True),
        Column("definition", rank=2, folds=True),
        Column("why", rank=4, folds=True),
    ]
    rows: list[tuple[str | Text, ...]] = [
        (
            each.scope,
            each.metric,
            plain_number(each.expected),
            plain_number(each.found) if each.found else "",
            state_text(each.status),
            "" if each.found is None else each.checked_at[:16].replace("T", " "),
            each.source,
            each.definition,
            each.reason or "",
        )
        for each in verdicts
    ]
    notes = _reasons(verdicts)
    if left_out:
        notes.append(f"{left_out} figures speak of rows that are not loaded; --all lists them.")
    return Listing(f"Published and planted figures beside ours, {utc_now()}", columns, rows, notes)


def _reasons(verdicts: Sequence[Verdict]) -> list[str]:
    """Why figures have no verdict that holds, each reason once with how many it concerns."""
    told: Counter[tuple[str, str]] = Counter()
    for each in verdicts:
        if each.status in ("stale", "not judged"):
            reason = (each.reason or "").partition("; ")
            told[each.status, reason[2] or reason[0]] += 1
    return [f"{number} {status}: {reason}" for (status, reason), number in told.items()]


def plain_number(text: str) -> str:
    """A figure without the zeros that say nothing."""
    return text.rstrip("0").rstrip(".") if "." in text else text
