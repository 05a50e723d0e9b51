"""The terminal that every command prints to: texts are texts there, whatever they hold.

Belongs here: the console and its colours. Stays out: what is printed (`cli/terminal.py`,
`cli/tables.py`, the commands).

Square brackets are not markup here: a header called `[/red]` or `[bold]` is shown as it is, and
what a terminal would obey (an escape sequence, a bell, a change of direction) is written out. A
word in colour is made by `coloured`.
"""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

from ecommerce_assets.lib.text.plain import visible


class PlainConsole(Console):
    """A console that takes every text for text, in tables, titles and messages alike."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """A text as the terminal shows it; line feeds alone are obeyed."""
        return super().render_str(visible(text, lines=True), **{**options, "markup": False})

    def print(self, *objects: Any, **options: Any) -> None:
        """Print; in a pipe or a file a sentence stays one line, whatever the width."""
        if not self.is_terminal and all(isinstance(each, str | Text) for each in objects):
            options.setdefault("soft_wrap", True)
        super().print(*objects, **options)


# Bound to the real terminal: while a run is on, sys.stdout goes to its log.
console = PlainConsole(file=sys.stdout)


def coloured(text: str, style: str) -> Text:
    """A text in a colour or weight, such as `red` or `bold`; its brackets are not markup."""
    return Text(visible(text, lines=True), style=style)


def bad(text: str) -> Text:
    """What went wrong, in red."""
    return coloured(text, "red")
