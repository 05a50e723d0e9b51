"""How a sample file is spelled: encoding, delimiter, quotes, header.

Belongs here: guessing what a contract declares of a file as a whole. Stays out: its columns
(`columns.py`), unpacking and reading (`lib/`).
"""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path

from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.ingest.unpack import (
    delivered_chunks,
    plain_chunks,
    refuse,
    refuse_bombs,
    refuse_pretenders,
)

ENCODINGS = ("utf-8", "windows-1252")
DELIMITERS = (",", ";", "\t", "|")
#: How much of the file is looked at for delimiter and quotes.
HEAD_BYTES = 1 << 20
#: A file has its delimiter if this share of its first lines has as many values as the header.
AGREEING = 0.9


def dialect_of(
    path: Path,
    max_bytes: int,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
) -> Dialect:
    """The spelling of a file; what is given is taken, the rest is guessed.

    Args:
        path: `.csv`, `.csv.gz`, `.gz` or `.zip`.
        max_bytes: a file that inflates to more is refused.
        encoding: a name that Python knows; default: UTF-8 if the whole file is, else Windows-1252.
        delimiter: between values.
        quote: around values; empty: there are no quotes.

    Raises:
        NotADataFile: the file is none, or its delimiter does not show.
    """
    head, guessed = _read(path, max_bytes)
    lines = _lines(head, encoding or guessed, path)
    delimiter = delimiter or _delimiter(lines, path)
    quote = _quote(lines, delimiter) if quote is None else quote
    _refuse_lines_without_header(lines[0], Dialect("utf-8", delimiter, quote), path)
    return Dialect(encoding or guessed, delimiter, quote)


def header_of(line: str, dialect: Dialect) -> list[str]:
    """The names in a file's first line."""
    return dialect.plain_line(line).split(dialect.separator)


def _read(path: Path, max_bytes: int) -> tuple[bytes, str]:
    """The first bytes of the text, and the encoding that fits the whole of it."""
    _, packed = delivered_chunks(path, max_bytes)
    decoder = codecs.getincrementaldecoder("utf-8")()
    head, size, is_utf8 = b"", 0, True
    for chunk in packed or plain_chunks(path):
        if not size:
            refuse_pretenders(path, chunk[:2048])
        size += len(chunk)
        refuse_bombs(path, size, path.stat().st_size, max_bytes)
        head += chunk[: max(0, HEAD_BYTES - len(head))]
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            is_utf8 = False
            if len(head) >= HEAD_BYTES:
                break
    return head, ENCODINGS[not is_utf8]


def _lines(head: bytes, encoding: str, path: Path) -> list[str]:
    """The whole lines of the head that are not blank."""
    if len(head) == HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1]
    try:
        text = head.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = head.count(b"\n", 0, error.start) + 1
        raise refuse(
            path, f"line {line:,} is not {encoding}", "name its encoding with --encoding"
        ) from error
    found = [line.rstrip("\r") for line in text.split("\n") if line.strip("\r")]
    # A damaged line tells nothing of the others; a load quarantines it alone.
    lines = found[:1] + [line for line in found[1:] if not {"\r", "\0"} & set(line)]
    if len(lines) < 2:
        raise refuse(path, "it holds no header with rows", "give a sample of some hundred rows")
    return lines


def _delimiter(lines: list[str], path: Path) -> str:
    found = {}
    for delimiter in DELIMITERS:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        agreeing = sum(count == counts[0] for count in counts) / len(counts)
        if counts[0] > 1 and agreeing >= AGREEING:
            found[delimiter] = counts[0]
    if not found:
        raise refuse(
            path,
            "no delimiter gives its lines as many values as its header",
            "name it with --delimiter, or deliver a CSV file with a header",
        )
    return max(found, key=lambda delimiter: found[delimiter])


def _quote(lines: list[str], delimiter: str) -> str:
    """The quote, where one line at least has a value in quotes that close."""
    mark = re.escape(delimiter)
    quoted = re.compile(rf'(?:^|{mark})"(?:[^"]|"")*"(?:{mark}|$)')
    return '"' if any(quoted.search(line) for line in lines) else ""


def _refuse_lines_without_header(line: str, dialect: Dialect, path: Path) -> None:
    # A column without a name, such as the index that pandas writes, is left out later.
    names = [name for name in header_of(line, dialect) if name.strip()]
    odd = [name for name in names if not re.search(r"[^\W\d_]", name)]
    if odd or not names or len(set(names)) < len(names):
        raise refuse(
            path,
            f"its first line is not a header with a name for each column: {line[:200]!r}",
            "put a first line with the columns' names above the rows, each name once",
        )
