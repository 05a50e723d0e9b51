"""Tables fit a width by leaving columns out; no value of theirs is ever cut."""

from __future__ import annotations

import io
import re

import pytest
from rich.text import Text

from ecommerce_assets.lib.text.console import PlainConsole, coloured
from ecommerce_assets.lib.text.listing import Column, Listing, laid_out, show

COLUMNS = [
    Column("month"),
    Column("state"),
    Column("why", rank=2, folds=True),
    Column("rows received", number=True),
    Column("blank", number=True, rank=1),
]
LONG = "a reason that goes on and on, over more than one line of a narrow terminal"
ROWS: list[tuple[str | Text, ...]] = [
    ("2019-10", coloured("loaded", "green"), "", "4,102,283", "0"),
    ("2019-11", "interrupted", LONG, "12", "3"),
]


def console(width: int) -> PlainConsole:
    return PlainConsole(file=io.StringIO(), width=width)


def lines(width: int, columns: list[Column] | None = None) -> list[str]:
    listing = Listing("Months", columns or COLUMNS, ROWS)
    return [line.plain for line in laid_out(listing, console(width))]


def test_a_wide_terminal_shows_every_column_in_one_line_a_row() -> None:
    shown = lines(200)

    assert [line.split() for line in shown[:2]] == [
        ["month", "state", "why", "rows", "blank"],
        ["received"],  # a heading may take two lines
    ]
    assert [re.split(r" {2,}", line) for line in shown[2:]] == [
        ["2019-10", "loaded", "4,102,283", "0"],
        ["2019-11", "interrupted", LONG, "12", "3"],
    ]


def test_texts_go_on_in_the_next_line_before_a_column_is_left_out() -> None:
    shown = lines(70)

    assert max(map(len, shown)) <= 70
    assert "4,102,283" in shown[2] and "blank" in shown[0]
    column = slice(shown[0].index("why"), shown[0].index("rows"))
    assert " ".join(line[column].strip() for line in shown[3:]) == LONG


@pytest.mark.parametrize("width", [48, 40, 34])
def test_a_narrow_terminal_has_fewer_columns_and_says_which(width: int) -> None:
    shown = lines(width)

    assert all(len(line) <= width for line in shown[:-1])
    assert shown[-1].startswith("No room for: ") and "why" in shown[-1]
    for value in ("2019-10", "interrupted", "4,102,283"):
        assert sum(value in line.split() for line in shown) == 1
    assert "…" not in "".join(shown)


def test_what_no_width_can_shorten_is_longer_than_the_terminal() -> None:
    assert any("4,102,283" in line for line in lines(10))


def test_a_pipe_gets_the_text_alone() -> None:
    pipe = console(80)
    show(pipe, Listing("Months of [/red] \x1b[31mred", COLUMNS, ROWS, [LONG * 3]))
    assert isinstance(pipe.file, io.StringIO)
    printed = pipe.file.getvalue()

    assert "\x1b" not in printed
    assert "Months of [/red] \\x1b[31mred" in printed
    assert f"{LONG * 3}\n" in printed  # a sentence is a line
    assert all(line == line.rstrip() for line in printed.splitlines())
    assert not set(printed) & set("│┃─━┏┌")


def test_rows_by_the_names_of_their_columns() -> None:
    records = Listing("Months", COLUMNS, ROWS).records()

    assert records[0]["state"] == "loaded"
    assert list(records[0]) == [column.title for column in COLUMNS]
