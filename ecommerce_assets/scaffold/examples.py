"""Made-up rows of a new source, for its tests: never rows of the sample, which may be private.

Belongs here: a value that keeps a column's rule. Stays out: the tests (`templates/`).
"""

from __future__ import annotations

from datetime import datetime

from ecommerce_assets.lib.contracts.dialect import SEPARATOR
from ecommerce_assets.lib.contracts.times import written
from ecommerce_assets.lib.text.plain import visible
from ecommerce_assets.scaffold.columns import FoundColumn
from ecommerce_assets.scaffold.model import NewSource

#: Noon of the 15th: no time zone takes it into another month.
_DAY, _HOUR = 15, 12
#: Characters of a line of Python, and of a piece of a longer text on it.
_LINE, _PIECE = 100, 72


def example_values(source: NewSource) -> tuple[list[str], list[str]]:
    """A row that keeps the contract, and the same without the column that says its month."""
    good = [_value(source, found) for found in source.columns]
    named = zip(source.columns, good, strict=True)
    return good, ["" if c.column.name == source.month_column else v for c, v in named]


def example_line(source: NewSource, name: str, values: list[str]) -> str:
    """Values as a line of the file, as Python assigns the text to a name."""
    dialect = source.dialect
    line = SEPARATOR.join(values) if dialect.quote else dialect.delimiter.join(values)
    spelled = dialect.written(line)
    whole = f"{name} = {_literal(spelled)}"
    if len(whole) <= _LINE:
        return whole
    pieces = [""]
    for mark in spelled:
        if len(_literal(pieces[-1] + mark)) > _PIECE:
            pieces.append("")
        pieces[-1] += mark
    return f"{name} = (\n" + "".join(f"    {_literal(piece)}\n" for piece in pieces) + ")"


def _literal(text: str) -> str:
    """A text in Python, in the quotes that need fewer escapes."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f"{mark}{visible(escaped)}{mark}"


def in_staging(source: NewSource) -> str:
    """An instant of the first month, as unit tests of models give it."""
    first, _ = source.months
    return f"{first:%Y-%m}-{_DAY} {_HOUR}:00:00+00:00"


def _value(source: NewSource, found: FoundColumn) -> str:
    column = found.column
    if column.kind == "int64":
        return "7"
    if column.kind == "decimal":
        return f"1.{'5'.ljust(column.scale, '0')}"
    if column.kind == "timestamp":
        first, _ = source.months
        at = datetime(first.year, first.month, _DAY, 0 if found.is_day else _HOUR)
        return written(column.source_format or "", at)
    return "1,5" if found.decimal_comma else "text"
