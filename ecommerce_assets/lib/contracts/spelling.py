"""How a delivered file is spelled where its contract says otherwise: read it so, or say why not.

Belongs here: quotes that the contract does not declare, which are read, and why a first line has
not the contract's columns. Stays out: reading a declared spelling (`dialect.py`), the rows.

Quotes are safe to read undeclared: each line is read by itself, so that no stray quote swallows the
lines after it, and only a file whose first line or first row is in quotes is read that way.
"""

from __future__ import annotations

import contextlib
import csv
import re
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.contracts.dialect import SEPARATOR
from ecommerce_assets.lib.ingest.likely_causes import shown
from ecommerce_assets.lib.ingest.likely_times import wanted_form
from ecommerce_assets.lib.ingest.unpack import delivered_chunks, plain_chunks

QUOTE = '"'
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "blanks"}
#: A first line of more bytes is not a header.
_LONGEST = 100_000


def with_quote(contract: TableContract, quote: str) -> TableContract:
    """The contract with another quote, for one file; it stays the same contract."""
    return replace(contract, dialect=replace(contract.dialect, quote=quote))


def as_delivered(contract: TableContract, path: Path) -> TableContract:
    """The contract as one file needs it: with quotes, where the file has some undeclared.

    Args:
        contract: declares quotes or none.
        path: the file as it was delivered; its first lines are read.

    Raises:
        NotADataFile: it cannot be unpacked.
    """
    if contract.dialect.quote:
        return contract
    first, second = _first_lines(path)
    if QUOTE not in first + second:
        return contract
    header = _values(first, contract.dialect.delimiter)
    names = {column.source_name for column in contract.columns}
    if not names <= set(header):
        return contract
    is_quoted = not names <= set(first.split(contract.dialect.delimiter))
    raw = second.split(contract.dialect.delimiter)
    values = _values(second, contract.dialect.delimiter)
    if not is_quoted and len(values) == len(header) == len(raw):
        month = next(c for c in contract.columns if c.name == contract.month_column)
        place = header.index(month.source_name)
        is_quoted = raw[place] == f"{QUOTE}{values[place]}{QUOTE}"
    return with_quote(contract, QUOTE) if is_quoted else contract


def why_other_columns(contract: TableContract, line: str) -> tuple[str, str] | None:
    """What the first line is instead of the contract's header, and the cure; None if unknown.

    Args:
        contract: the columns.
        line: the first line as the file spells it.
    """
    wanted = [column.source_name for column in contract.columns]
    dialect, place = contract.dialect, contract.path
    for delimiter in (*_NAMES, SEPARATOR):
        names = [_bare(name) for name in _values(line, delimiter)]
        if delimiter == dialect.delimiter or not _same(wanted, names):
            continue
        apart = _NAMES.get(delimiter, repr(delimiter))
        return (
            f"its values are apart by {apart} where {_NAMES.get(dialect.delimiter)} are expected",
            f"export it with {_NAMES.get(dialect.delimiter)}, or let the contract say "
            f"`delimiter: {delimiter!r}` ({place})",
        )
    names = _values(line, dialect.delimiter)
    if _same(wanted, [_bare(name) for name in names]):
        other = [name for name in names if name not in wanted]
        known = {name.lower(): name for name in wanted}
        found = next(name for name in other if _bare(name).lower() in known)
        meant = known[_bare(found).lower()]
        how = "in another case" if _bare(found) == found else "with blanks or marks around them"
        return (
            f"its columns are spelled {how}: {shown(found)} where {meant!r} is expected",
            f"name the columns as the contract does, or set each column's sourceName ({place})",
        )
    own = [column.name for column in contract.columns]
    if own != wanted and set(own) <= set(names):
        return (
            f"its columns have the contract's names, such as {own[0]!r}, where the file's own, "
            f"{wanted[0]!r}, are expected",
            f"deliver all columns under their own names, or change the sourceNames ({place})",
        )
    if len(names) == len(wanted) and _is_row(contract, names):
        return (
            "it has no header: its first line is a row",
            f"put the header in front of it: {dialect.delimiter.join(wanted)}",
        )
    return None


def nearest(missing: list[str], names: list[str]) -> str:
    """Which names of a file may be meant by the missing ones; empty where none is like them."""
    near = {name: get_close_matches(name, names, n=1, cutoff=0.7) for name in missing}
    pairs = [f"{found[0]!r} for {name}" for name, found in near.items() if found]
    return f" (is {', '.join(pairs[:3])} meant?)" if pairs else ""


def _bare(name: str) -> str:
    return name.strip(" \t\ufeff\u00a0'\"`[]")


def _same(wanted: list[str], names: list[str]) -> bool:
    """Whether all wanted names are among the names, whatever their case."""
    return {name.lower() for name in wanted} <= {name.lower() for name in names}


def _values(line: str, delimiter: str) -> list[str]:
    """The values of a line by RFC 4180, or simply between the delimiters."""
    with contextlib.suppress(csv.Error, ValueError):
        (values,) = csv.reader([line], delimiter=delimiter, quotechar=QUOTE, strict=True)
        return values
    return line.split(delimiter)


def _is_row(contract: TableContract, values: list[str]) -> bool:
    """Whether values look like a row's: no name among them, and a time or a number."""
    names = {column.source_name.lower() for column in contract.columns}
    if {value.strip().lower() for value in values} & names:
        return False
    return any(
        _looks_typed(column, value) for column, value in zip(contract.columns, values, strict=True)
    )


def _looks_typed(column: Column, value: str) -> bool:
    if column.kind == "timestamp":
        return re.sub(r"\d+", "0", value) == re.sub(r"\d+", "0", wanted_form(column))
    return column.kind != "string" and re.fullmatch(r"-?\d+([.,]\d+)?", value) is not None


def _first_lines(path: Path) -> tuple[str, str]:
    """The first line and the second one, as far as the first bytes hold them."""
    _, packed = delivered_chunks(path, None)
    head = b""
    for chunk in packed or plain_chunks(path):
        head += chunk[: 2 * _LONGEST]
        if head.count(b"\n") > 1 or len(head) >= 2 * _LONGEST:
            break
    first, _, rest = head.decode("utf-8-sig", "replace").partition("\n")
    return first.rstrip("\r"), rest.partition("\n")[0].rstrip("\r")
