"""Texts from outside as harmless texts: what they hold is shown, and never obeyed.

Belongs here: making a text safe for a terminal, a log, Markdown and a spreadsheet. Stays out: where
such texts come from and where they go.

Headers, values, file names and server answers are written by strangers. A terminal obeys escape
sequences, a page reorders letters at a bidirectional override, Markdown fetches pictures, and a
spreadsheet runs a value that starts with `=`.
"""

from __future__ import annotations

import re
import unicodedata

#: Joiners that scripts and emoji need; they are of the class of invisible marks, and harmless.
_JOINERS = "\u200c\u200d"
#: Categories of Unicode that a reader cannot see, or that move what he sees: controls, format marks
#: (overrides of the direction among them), halves of pairs, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_MAY_BE_UNSEEN = re.compile(r"[^\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff]")
#: What makes Markdown of a text, or mathematics, directives and addresses as Streamlit reads them.
_MARKDOWN = re.compile(r"([\\`*\[\]<>&|~$^@{}]|(?<!\w)_|_(?!\w)|:(?=\S)|(?<=www)\.|^[#+=-])")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")
#: What makes a spreadsheet take a text for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*)?(\.\d+)?([eE][+-]?\d+)?%?")


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that cannot be seen written out, such as `\x1b` or `\u202e`.

    Args:
        text: from anywhere.
        lines: leave line feeds as they are, for texts of several lines.
    """
    if not _MAY_BE_UNSEEN.search(text):
        return text
    return "".join(
        mark
        if mark in _JOINERS or (lines and mark == "\n") or unicodedata.category(mark) not in _UNSEEN
        else _written_out(mark)
        for mark in text
    )


def _written_out(mark: str) -> str:
    if mark in _SHORT:
        return _SHORT[mark]
    number = ord(mark)
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def markdown(text: str) -> str:
    """The text as Markdown that shows just this text: no link, picture, HTML, table or formula."""
    return _NUMBERED.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", visible(text).strip()))


def harmless(text: str) -> str:
    """The text where nobody knows whether it is read as Markdown, HTML or neither.

    Nothing is escaped, since a plain reader would show the escapes: a blank breaks what would fetch
    a picture, be a tag, or call everybody of a channel.
    """
    text = re.sub(r"!(?=\[)", "! ", visible(text, lines=True))
    text = re.sub(r"<(?=[A-Za-z/!@#?])", "< ", text)
    return re.sub(r"@(?=(everyone|here|channel)\b)", "@ ", text)


def for_spreadsheet(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula; numbers stay as they are.

    A text that starts like a formula gets an apostrophe in front, which spreadsheets read as "this
    is text".
    """
    if text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS):
        is_number = _NUMBER.fullmatch(text) is not None and any(c.isdigit() for c in text)
        return text if is_number else f"'{text}"
    return text
