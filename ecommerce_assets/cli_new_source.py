"""`ecommerce new-source`: a new domain from a sample file.

Belongs here: the questions, the table of columns, what to do next. Stays out: what is found and
written (`scaffold/`), the other commands (`cli.py`).
"""

from __future__ import annotations

import sys
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ecommerce_assets.scaffold.columns import Choices, FoundColumn, UnfitColumn
from ecommerce_assets.scaffold.look import Look, NoMonths, look_at
from ecommerce_assets.scaffold.model import NewSource
from ecommerce_assets.scaffold.names import check_domain, check_table
from ecommerce_assets.scaffold.project import write
from ecommerce_assets.scaffold.render import contract_text, render
from ecommerce_assets.scaffold.sample import dialect_of
from ecommerce_assets.scaffold.trial import Trial, try_load
from ecommerce_assets.settings import Settings, parse_month_range
from ecommerce_assets.terminal import console, friendly_errors, read_settings

PROJECT = Path(__file__).parents[1]


class Files(Enum):
    """How a source delivers its months."""

    month = "month"
    all = "all"


def new_source(
    name: Annotated[
        str, typer.Option(prompt="Name of the domain, one word", help="Name of the domain.")
    ],
    table: Annotated[str, typer.Option(prompt="Name of its table", help="Name of its table.")],
    files: Annotated[
        Files,
        typer.Option(
            prompt="Its files: one a month, or one of all months",
            help="month: a file a month; all: one file of all months.",
        ),
    ],
    sample: Annotated[
        Path,
        typer.Option(
            prompt="A sample file", exists=True, dir_okay=False, help=".csv, .gz or .zip."
        ),
    ],
    month_column: Annotated[
        str | None, typer.Option(help="The column that says a row's month, if several could.")
    ] = None,
    months: Annotated[
        str | None, typer.Option(help="First and last month, 2024-01:2024-12; default: sample's.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(help="Keep this column as text, as it is; repeatable.")
    ] = None,
    optional: Annotated[
        list[str] | None, typer.Option(help="This column may be empty; repeatable.")
    ] = None,
    day_first: Annotated[
        bool | None, typer.Option("--day-first/--month-first", help="What 03/04/2024 means.")
    ] = None,
    time_zone: Annotated[str, typer.Option(help="Whose clock the times show.")] = "UTC",
    delimiter: Annotated[str | None, typer.Option(help="Default: guessed.")] = None,
    quote: Annotated[str | None, typer.Option(help="Default: guessed; '' for none.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Default: guessed.")] = None,
    root: Annotated[Path, typer.Option(help="The checkout to write into.")] = PROJECT,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    """Add a source: contract, assets, models and tests from a sample of its file."""
    settings = read_settings()
    choices = Choices(tuple(text or ()), tuple(optional or ()), day_first, time_zone)
    limits = {"max_bytes": settings.max_file_bytes}
    with friendly_errors():
        check_domain(name), check_table(table)
        dialect = dialect_of(sample, settings.max_file_bytes, encoding, delimiter, quote)
        look = look_at(
            sample, table, dialect, choices, memory_limit=settings.memory_limit, **limits
        )
        column = _month_column(look, month_column)
        shared = files is Files.all
        source = NewSource(
            name, table, shared, dialect, look.columns, column, _months(look, column, months, shared)
        )
        fullest = _fullest(look, column)
        trial = try_load(
            source, contract_text(source), sample, fullest,
            memory_limit=settings.memory_limit, **limits,
        )
    _show(source, look, trial)
    if not yes and not typer.confirm(f"Write the domain {name} into {root}?", default=True):
        raise typer.Exit(1)
    with friendly_errors():
        written, edited = write(root, source, render(source))
    _say_next(settings, source, sample, fullest, written, edited)
