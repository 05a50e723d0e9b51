"""Tables of texts that fit a terminal, a pipe and Markdown: columns are left out, values never cut.

Belongs here: which columns a width has room for, and how rows are laid out. Stays out: what a table
says (`cli/tables.py`, `planning/words.py`), and colours (`console.py`).

There are no borders, so that a pipe gets what a terminal shows: a line a row, two blanks or more
between columns. `--json` has everything, whatever the width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.text import Text

from ecommerce_assets.lib.text.console import PlainConsole, coloured
from ecommerce_assets.lib.text.plain import markdown, visible

GAP = 2
#: The narrowest that a column of free text gets, where its texts are longer.
NARROWEST = 14


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: its heading.
        number: whether it holds numbers, which stand on the right.
        rank: 0 where it is shown in every width; others are left out where there is no room, the
            highest rank first.
        folds: whether its texts may go on in the next line. Months, amounts and states never do.
    """

    title: str
    number: bool = False
    rank: int = 0
    folds: bool = False


@dataclass(frozen=True)
class Listing:
    """Texts in rows, with a title and the sentences that belong below."""

    title: str
    columns: Sequence[Column]
    rows: list[tuple[str | Text, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def records(self) -> list[dict[str, str]]:
        """The rows by the titles of their columns, for `--json`."""
        names = [column.title for column in self.columns]
        return [dict(zip(names, map(str, row), strict=True)) for row in self.rows]

    def markdown(self) -> str:
        """The table and its notes as Markdown."""
        lines = [f"**{self.title}**", ""]
        if self.rows:
            lines += [_bar([c.title for c in self.columns]), _bar(["---"] * len(self.columns))]
            lines += [_bar([str(cell) for cell in row]) for row in self.rows]
        return "\n".join([*lines, "", *(f"{markdown(note)}  " for note in self.notes)])


def show(console: PlainConsole, listing: Listing) -> None:
    """Print a table as wide as the console; one without rows is its title and its notes."""
    console.print(coloured(listing.title, "bold"))
    if listing.rows:
        for line in laid_out(listing, console):
            console.print(line, soft_wrap=True)  # the terminal breaks what nothing can shorten
    for note in listing.notes:
        console.print(note)


def laid_out(listing: Listing, console: PlainConsole) -> list[Text]:
    """The lines of a table: the heading, then each row, and what was left out for want of room."""
    cells = [[_text(cell) for cell in row] for row in listing.rows]
    natural = [
        max(*(len(word) for word in c.title.split()), *(cell.cell_len for cell in column))
        for c, column in zip(listing.columns, zip(*cells, strict=True), strict=True)
    ]
    kept = _fitting(listing.columns, natural, console.width)
    columns = [listing.columns[i] for i in kept]
    widths = _widths(columns, [natural[i] for i in kept], console.width)
    heading = [coloured(column.title.strip(), "bold") for column in columns]
    lines = _row([replace(column, folds=True) for column in columns], widths, heading, console)
    for row in cells:
        lines += _row(columns, widths, [row[i] for i in kept], console)
    left_out = [c.title.strip() for i, c in enumerate(listing.columns) if i not in kept]
    if left_out:
        lines.append(coloured(f"No room for: {', '.join(left_out)}; --json has all.", "dim"))
    return lines


def _fitting(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """The columns that there is room for; those of rank 0 stay in any case."""
    kept = list(range(len(columns)))
    while True:
        least = [min(natural[i], NARROWEST) if columns[i].folds else natural[i] for i in kept]
        optional = [i for i in kept if columns[i].rank]
        if sum(least) + GAP * (len(kept) - 1) <= width or not optional:
            return kept
        kept.remove(max(optional, key=lambda i: (columns[i].rank, i)))


def _widths(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    """The width of each column: texts share what numbers, months and states leave."""
    widths = list(natural)
    free = width - GAP * (len(columns) - 1)
    free -= sum(each for each, c in zip(natural, columns, strict=True) if not c.folds)
    folding = sorted((i for i, c in enumerate(columns) if c.folds), key=lambda i: natural[i])
    for place, i in enumerate(folding):
        share = max(free // (len(folding) - place), min(natural[i], NARROWEST))
        widths[i] = min(natural[i], share)
        free -= widths[i]
    return widths


def _row(
    columns: Sequence[Column], widths: Sequence[int], cells: Sequence[Text], console: PlainConsole
) -> list[Text]:
    """A row's lines: one, or as many as its longest text needs."""
    folded = [
        list(cell.wrap(console, width, overflow="fold")) or [Text()]
        if column.folds and cell.cell_len > width
        else [cell]
        for column, width, cell in zip(columns, widths, cells, strict=True)
    ]
    lines = []
    for place in range(max(map(len, folded))):
        line = Text()
        for column, width, parts in zip(columns, widths, folded, strict=True):
            part = parts[place].copy() if place < len(parts) else Text()
            part.rstrip()
            part.align("right" if column.number else "left", width)
            line = line.append(part).append(" " * GAP)
        line.rstrip()
        lines.append(line)
    return lines


def _text(cell: str | Text) -> Text:
    return cell if isinstance(cell, Text) else Text(visible(cell))


def _bar(cells: Sequence[str]) -> str:
    return "| " + " | ".join(markdown(cell) for cell in cells) + " |"
