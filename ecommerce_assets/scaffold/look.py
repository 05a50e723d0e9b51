"""One look at a sample file: its spelling, its columns, the months that its times lie in.

Belongs here: putting the parts together over the file. Stays out: the rules of the parts
(`sample.py`, `names.py`, `columns.py`).
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ecommerce_assets.lib.contracts import rules
from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.ingest.month_file import connect
from ecommerce_assets.lib.ingest.text import open_text
from ecommerce_assets.scaffold.columns import (
    Choices,
    FoundColumn,
    find_columns,
    reader_of,
)
from ecommerce_assets.scaffold.names import column_names

if TYPE_CHECKING:
    import duckdb

#: More months than this are most likely a few wrong times among the right ones.
MOST_MONTHS = 240


class NoMonths(PermanentFailure):
    """The months of a new source do not follow from its sample."""


@dataclass(frozen=True)
class Look:
    """What a sample shows.

    Attributes:
        rows: with as many values as the header.
        dialect: how the file is spelled.
        columns: in the file's order.
        unnamed: places of columns without a name, from 1; they are left out.
        months: by time column, the rows of each month, oldest first.
    """

    rows: int
    dialect: Dialect
    columns: tuple[FoundColumn, ...]
    months: dict[str, dict[date, int]]
    unnamed: tuple[int, ...] = ()

    def span(self, month_column: str) -> tuple[date, date]:
        """The first and the last month of a time column.

        Raises:
            NoMonths: they lie too far apart to be one data set's.
        """
        found = list(self.months[month_column])
        first, last = found[0], found[-1]
        if (last.year - first.year) * 12 + last.month - first.month >= MOST_MONTHS:
            raise NoMonths(
                f"{month_column} goes from {first:%Y-%m} to {last:%Y-%m}; not all of these "
                "are times of events",
                "name the months with --months, such as 2024-01:2024-12; rows outside go to "
                "quarantine",
            )
        return first, last


def look_at(
    path: Path,
    table: str,
    dialect: Dialect,
    choices: Choices,
    *,
    memory_limit: str,
    max_bytes: int,
) -> Look:
    """Read the whole sample.

    Args:
        path: of the sample.
        table: the source table's name; stands before columns whose names SQL keeps for itself.
        dialect: how it is spelled.
        choices: what the user says of columns.
        memory_limit: DuckDB's.
        max_bytes: a file that inflates to more is refused.

    Raises:
        NotADataFile: it is not a data file in this spelling.
        UnfitColumn: a column can be read in several ways, or in none.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        connect(memory_limit, Path(folder)) as db,
        open_text(path, Path(folder), max_bytes=max_bytes, dialect=dialect) as text,
    ):
        # Without damaged lines, at which a reader stops.
        text = replace(text, path=text.refusable(Path(folder)))
        header = text.header.split(dialect.separator)
        places = [place for place, name in enumerate(header) if name.strip()]
        named = column_names([header[place] for place in places], table)
        names = dict(zip(places, named, strict=True))
        columns = find_columns(db, text, header, names, choices)
        reader = reader_of(text, len(header))
        months = {
            found.column.name: _months(db, reader, f"c{place}", found.column)
            for place, found in zip(places, columns, strict=True)
            if found.is_time
        }
        counted = db.execute(f"select count(*) from {reader}").fetchone()
    unnamed = tuple(place + 1 for place in range(len(header)) if place not in names)
    rows = int(counted[0]) if counted else 0
    return Look(rows, dialect, tuple(columns), months, unnamed)


def _months(db: duckdb.DuckDBPyConnection, reader: str, c: str, column: Column) -> dict[date, int]:
    """The rows of each UTC month, by the value that the loader would give them."""
    at = f"make_timestamp(epoch_us({rules.value(column)}))"
    source = f"(select {c} as {rules.quote_name(column.name)} from {reader})"
    rows = db.execute(
        f"select year({at}), month({at}), count(*) from {source} "
        f"where {at} is not null group by all order by all"
    ).fetchall()
    return {date(year, month, 1): count for year, month, count in rows}
