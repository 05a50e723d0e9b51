"""`ecommerce new-source`: a new domain from a sample file.

Belongs here: the questions, the table of columns, what to do next. Stays out: what is found and
written (`scaffold/`), the other commands (`app.py`).
"""

from __future__ import annotations

import codecs
import shlex
import sys
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated
from zoneinfo import available_timezones

import typer
from rich.table import Table

from ecommerce_assets.cli.terminal import friendly_errors, read_settings
from ecommerce_assets.lib.sources.protocol import SPELLINGS, month_file_name
from ecommerce_assets.lib.text.console import coloured, console
from ecommerce_assets.month_settings import parse_month_range
from ecommerce_assets.scaffold.columns import Choices, FoundColumn
from ecommerce_assets.scaffold.look import Look, NoMonths, look_at
from ecommerce_assets.scaffold.model import NewSource
from ecommerce_assets.scaffold.names import check_domain, check_table
from ecommerce_assets.scaffold.project import write
from ecommerce_assets.scaffold.render import contract_text, render
from ecommerce_assets.scaffold.sample import dialect_of
from ecommerce_assets.scaffold.times import UnfitColumn
from ecommerce_assets.scaffold.trial import Trial, try_load
from ecommerce_assets.settings import Settings

PROJECT = Path(__file__).parents[2]


class Files(Enum):
    """How a source delivers its months."""

    month = "month"
    all = "all"


def _known_encoding(name: str | None) -> str | None:
    if name is not None:
        try:
            codecs.lookup(name)
        except LookupError as error:
            raise typer.BadParameter(f"Python knows no encoding {name!r}") from error
    return name


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise typer.BadParameter(f"there is no time zone {name!r}; Europe/Berlin is one")
    return name


def _known_span(span: str | None) -> str | None:
    if span is not None:
        try:
            parse_month_range(span)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
    return span


Name = Annotated[str, typer.Option(prompt="Name of the domain, one word", help="e.g. returns")]
TableName = Annotated[str, typer.Option(prompt="Name of its table", help="e.g. claims")]
Delivered = Annotated[
    Files,
    typer.Option(
        prompt="Its files: one a month, or one of all months",
        help="month: a file a month; all: one file of all months.",
    ),
]
Sample = Annotated[
    Path,
    typer.Option(prompt="A sample file", exists=True, dir_okay=False, help=".csv, .gz or .zip."),
]
MonthColumn = Annotated[
    str | None, typer.Option(help="The column that says a row's month; asked if several could.")
]
Span = Annotated[
    str | None,
    typer.Option(callback=_known_span, help="First and last month, 2024-01:2024-12."),
]
Texts = Annotated[list[str] | None, typer.Option("--text", help="A column to keep as text.")]
Optionals = Annotated[
    list[str] | None, typer.Option("--optional", help="A column that may be empty.")
]
DayFirst = Annotated[
    bool | None, typer.Option("--day-first/--month-first", help="What 03/04/2024 means.")
]
Zone = Annotated[str, typer.Option(callback=_known_zone, help="Whose clock the times show.")]
Delimiter = Annotated[str | None, typer.Option(help="Between values; default: guessed.")]
Quote = Annotated[str | None, typer.Option(help="Around values; '' for none; default: guessed.")]
Encoding = Annotated[
    str | None, typer.Option(callback=_known_encoding, help="Of the text; default: guessed.")
]
Root = Annotated[Path, typer.Option(file_okay=False, help="The checkout to write into.")]
Yes = Annotated[bool, typer.Option("--yes", help="Write without asking.")]


def new_source(
    name: Name,
    table: TableName,
    files: Delivered,
    sample: Sample,
    month_column: MonthColumn = None,
    months: Span = None,
    texts: Texts = None,
    optionals: Optionals = None,
    day_first: DayFirst = None,
    time_zone: Zone = "UTC",
    delimiter: Delimiter = None,
    quote: Quote = None,
    encoding: Encoding = None,
    root: Root = PROJECT,
    yes: Yes = False,
) -> None:
    """Add a source: contract, assets, models and tests, from a sample of its file."""
    settings = read_settings()
    memory, most = settings.memory_limit, settings.max_file_bytes
    choices = Choices(tuple(texts or ()), tuple(optionals or ()), day_first, time_zone)
    with friendly_errors():
        check_domain(name)
        check_table(table)
        dialect = dialect_of(sample, most, encoding, delimiter, quote)
        look = look_at(sample, table, dialect, choices, memory_limit=memory, max_bytes=most)
        column = _month_column(look, month_column)
        shared, fullest = files is Files.all, max(look.months[column].items(), key=_rows)[0]
        span = _span(look, column, months, fullest, shared)
        source = NewSource(name, table, shared, dialect, look.columns, column, span)
        contract = contract_text(source)
        trial = try_load(source, contract, sample, fullest, memory_limit=memory, max_bytes=most)
    _show(source, look, trial)
    if not yes and not typer.confirm(f"Write the domain {name} into {root}?", default=True):
        raise typer.Exit(1)
    with friendly_errors():
        written = write(root, source, render(source))
    _say_next(settings, source, sample, fullest, written)


def _rows(month: tuple[date, int]) -> int:
    return month[1]


def _month_column(look: Look, wanted: str | None) -> str:
    """The column that says a row's month: the one named, the only one, or the one chosen."""
    times = [c.column for c in look.columns if c.is_time]
    if not times:
        near = [
            f"; in {c.column.source_name}, {c.in_the_way}" for c in look.columns if c.in_the_way
        ]
        raise UnfitColumn(
            "no column of the sample holds times in a form that is known, so no row has a month"
            + "".join(near[:3]),
            "deliver a column such as 2024-01-31, 31.01.2024 08:15:00 or 2024-01-31 08:15:00 "
            "+0200, the same form in each row",
        )
    if wanted is None and len(times) > 1 and sys.stdin.isatty():
        wanted = typer.prompt(
            f"The column that says a row's month ({', '.join(c.source_name for c in times)})"
        )
    if wanted is None and len(times) == 1:
        return times[0].name
    found = [column.name for column in times if wanted in (column.name, column.source_name)]
    if not found:
        listed = ", ".join(column.source_name for column in times)
        raise UnfitColumn(
            f"{wanted} is not a column of times; {listed} are"
            if wanted
            else f"several columns could say a row's month: {listed}",
            "name one of them with --month-column",
        )
    return found[0]


def _span(
    look: Look, column: str, wanted: str | None, fullest: date, shared: bool
) -> tuple[date, date]:
    """The months of the domain: those named, the sample's, or the month of a monthly sample."""
    if not wanted:
        return look.span(column) if shared else (fullest, fullest)
    first, last = parse_month_range(wanted)
    if not first <= fullest <= last:
        raise NoMonths(
            f"most rows of the sample lie in {fullest:%Y-%m}, which is not in {wanted}",
            "widen --months",
        )
    return first, last


def _show(source: NewSource, look: Look, trial: Trial) -> None:
    """The contract as a table, the file's spelling, and what a load of the sample gives."""
    table = Table("in the file", "column", "type", "form", "empty", "note")
    for shown in table.columns:
        shown.overflow = "fold"
    table.title = f"Contract of {source.domain}.{source.table}"
    for found in look.columns:
        column = found.column
        size = f"({column.precision},{column.scale})" if column.kind == "decimal" else ""
        empty = "refused" if source.is_required(found) else f"allowed ({found.empty:,})"
        cells = (column.source_name, column.name, column.kind + size, column.source_format or "")
        table.add_row(*cells, empty, _note(source, found))
    console.print(table)
    spelled = source.dialect
    console.print(
        f"Delimiter {spelled.delimiter!r}, quote {spelled.quote or 'none'}, encoding "
        f"{spelled.encoding}; {'one file of all months' if source.shared else 'a file a month'}"
        f", months {source.span}."
    )
    for place in look.unnamed:
        console.print(
            f"Column {place} has no name and is left out; it may be the index that pandas writes."
        )
    console.print(f"A load of the sample: {trial.accepted:,} rows accepted.")
    if trial.quarantined:
        reasons = ", ".join(f"{code}: {rows:,}" for code, rows in trial.reasons.items())
        console.print(
            coloured(f"Rows for quarantine: {trial.quarantined:,}", "yellow"), f"({reasons})"
        )


def _note(source: NewSource, found: FoundColumn) -> str:
    notes = ["says the month"] if found.column.name == source.month_column else []
    if found.decimal_comma:
        notes.append("decimal comma: text in the lake, a number from staging on")
    if found.column.source_time_zone != "UTC":
        notes.append(f"time of {found.column.source_time_zone}")
    if found.whole_as_decimals:
        notes.append("whole numbers written as 12.0: a program read them as floating-point numbers")
    if found.in_the_way:
        notes.append(f"kept as text: {found.in_the_way}")
    if found.misfits:
        notes.append(f"{found.misfits:,} values are not times")
    return "; ".join(notes)


def _say_next(
    settings: Settings,
    source: NewSource,
    sample: Path,
    fullest: date,
    written: list[str],
) -> None:
    """What was written, and the commands that load it."""
    console.print("Written:")
    for path in written:
        console.print(f"  {path}", soft_wrap=True)
    console.print("No file that was there is changed.")
    plain = f"{source.table}.csv" if source.shared else month_file_name(fullest)
    ending = {".gz": ".csv.gz", ".zip": ".csv.zip"}.get(sample.suffix.lower(), SPELLINGS[0])
    folder = f"{settings.landing_uri.rstrip('/')}/{source.domain}"
    landed = shlex.quote(f"{folder}/{plain.removesuffix('.csv')}{ending}")
    if "://" in folder:
        steps = [f"copy {shlex.quote(str(sample))} to {landed}"]
    else:
        steps = [f"mkdir -p {shlex.quote(folder)}", f"cp {shlex.quote(str(sample))} {landed}"]
    steps += [
        f"ecommerce backfill {source.domain}",
        f"pytest ecommerce_assets_tests/integration/sources_{source.domain}",
    ]
    console.print("Next:")
    for step in steps:
        console.print(f"  {step}", soft_wrap=True)
