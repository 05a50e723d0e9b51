"""Why values were refused, for people: one of them, the form wanted, the likely cause.

Belongs here: the words of a refusal that concerns many rows, from a few of their texts. Stays out:
judging rows (`lib/contracts/rules.py`), how many bad rows refuse a file (`month_file.py`,
`split.py`), forms of times (`likely_times.py`), and what is wrong with a header or a whole file
(`header.py`, `signatures.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.ingest.damage import (
    CONTROL_CHARACTER,
    FIELD_TWICE,
    NOT_AN_OBJECT,
    NOT_JSON,
    NUL_BYTE,
    STRAY_RETURN,
    TOMBSTONE,
    TOO_LONG,
    UNKNOWN_FIELDS,
    WRONG_ENCODING,
)
from ecommerce_assets.lib.ingest.likely_times import time_form, wanted_form
from ecommerce_assets.lib.lake.quarantine import BadRows

if TYPE_CHECKING:
    from ecommerce_assets.lib.ingest.readers.protocol import Rows

#: Words that programs write where a value is not known; compared in lower case.
NULL_WORDS = frozenset(
    ("null", "none", "nan", "nat", "\\n", "n/a", "na", "#n/a", "(null)", "<null>", "<na>", "nil")
)
#: Lines that are looked at for a column.
SAMPLE = 100
_SHOWN = 60
_SIGNS = r"[$€£¥₽₴₺₹₸]"


@dataclass(frozen=True)
class LikelyCause:
    """What is wrong with the values of a column, as far as a few of them tell.

    Attributes:
        column: as the file's header names it; empty where the whole line is meant.
        code: the reason code of the rows, e.g. `not_a_time:event_time`.
        rows: how many rows have it; 0 where that was not counted.
        value: one of them.
        wanted: what is expected in its place: a text in quotes, or words.
        cause: the likely cause; empty where none is known.
        cure: what to do, as an instruction.
    """

    column: str
    code: str
    rows: int
    value: str
    wanted: str
    cause: str
    cure: str

    def __str__(self) -> str:
        counted = f" in {self.rows:,} rows" if self.rows > 1 else ""
        place = f"{self.column} is" if self.column else "a line is"
        cause = f" (most likely cause: {self.cause})" if self.cause else ""
        return f"{place} {shown(self.value)} where {self.wanted} is expected{counted}{cause}"


def shown(value: str) -> str:
    """A value of a file for a message: in quotes, without control characters, not too long."""
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


def likely_causes(delivered: Rows, bad: BadRows, most: int = 2) -> list[LikelyCause]:
    """What is wrong with a delivery's bad rows, the most frequent reason first.

    Args:
        delivered: the open delivery, of which a few rows are read.
        bad: the lines and reasons of the rows that were not accepted.
        most: how many reasons are explained.
    """
    counts: Counter[str] = Counter()
    for joined, number in Counter(bad.reasons.tolist()).items():
        counts.update(dict.fromkeys(joined.split("|"), number))
    found = []
    for code, rows in sorted(counts.items(), key=lambda item: -item[1])[:most]:
        is_it = np.array([code in str(joined).split("|") for joined in bad.reasons], bool)
        texts = list(delivered.texts(bad.lines[is_it][:SAMPLE].tolist()))
        if texts:
            found.append(_cause(delivered, code, rows, texts))
    return found


def _cause(delivered: Rows, code: str, rows: int, texts: Sequence[str]) -> LikelyCause:
    contract, name = delivered.contract, code.partition(":")[2]
    column = next((c for c in contract.columns if c.name == name), None)
    if column is None:
        return _of_lines(delivered, code, rows, texts)
    values = [delivered.value_in(text, name) or "" for text in texts]
    return likely_cause(column, code, values, rows=rows, contract=contract)


def likely_cause(
    column: Column,
    code: str,
    texts: Sequence[str],
    *,
    rows: int = 0,
    contract: TableContract | None = None,
) -> LikelyCause:
    """What is wrong with some values of a column.

    Args:
        column: its type and rules.
        code: the reason code, with or without the column's name behind it.
        texts: some of the values, at least one; the first is shown.
        rows: how many rows have the reason, if it is to be said.
        contract: named in the cure, if it is known.
    """
    place = contract.path if contract else "the contract"
    wanted, cause, cure = _explained(column, code.partition(":")[0], texts, place)
    return LikelyCause(column.source_name or column.name, code, rows, texts[0], wanted, cause, cure)


def _explained(column: Column, rule: str, texts: Sequence[str], place: str) -> tuple[str, str, str]:
    """Form wanted, likely cause, cure."""
    name, value = column.source_name or column.name, texts[0]
    wanted = _wanted(column)
    if rule == "missing":
        return (
            wanted,
            "the column is empty",
            f"deliver {name}, or declare it not required in {place}",
        )
    if rule == "not_allowed":
        return _of_words(column, value, wanted, place)
    if rule == "below_minimum":
        return f"{column.minimum} or more", "", f"correct {name}, or its minimum in {place}"
    if rule == "outside_month":
        return "a time in the file's month", "", "deliver the month's own file"
    if value.strip().lower() in NULL_WORDS:
        cause = f"a program's word for a value that is not known, {value.strip()}"
        return wanted, cause, f"deliver {name} empty where it is not known"
    if value != value.strip() or value[:1] in ("'", '"'):
        what = "blanks" if value != value.strip() else "quotes"
        cure = f"deliver {name} without {what} around its values"
        return wanted, f"{what} around the value", cure
    if column.kind == "timestamp":
        return _of_times(column, texts, wanted, place)
    if column.kind == "int64":
        return (wanted, *_of_integers(name, texts, place))
    return (wanted, *_of_decimals(column, name, value, place))


def _wanted(column: Column) -> str:
    if column.kind == "timestamp":
        return repr(wanted_form(column))
    if column.allowed:
        return f"one of {', '.join(column.allowed)}"
    if column.kind == "int64":
        return "an integer such as '1234'"
    if column.kind == "decimal":
        return f"a number such as {'1234.' + '56789'[: column.scale] if column.scale else '1234'!r}"
    return "a text"


def _of_words(column: Column, value: str, wanted: str, place: str) -> tuple[str, str, str]:
    name, allowed = column.source_name or column.name, column.allowed
    if value.strip().strip("'\"").lower() in {word.lower() for word in allowed}:
        return wanted, "other case, or blanks or quotes around the value", f"spell {name} like that"
    cure = f"correct {name}, or add the value to its validValues in {place}"
    return wanted, "a value that the contract does not know yet", cure


def _of_times(
    column: Column, texts: Sequence[str], wanted: str, place: str
) -> tuple[str, str, str]:
    name, form = column.source_name or column.name, time_form(column, texts)
    if form is None:
        zone = re.search(r"\d ?([A-Z]{2,5})$", texts[0])
        cause = f"the time zone {zone[1]}" if zone and zone[1] not in wanted else ""
        if re.sub(r"\d", "0", texts[0]) == re.sub(r"\d", "0", wanted.strip("'")):
            cause = "a day or a time that does not exist"
        return wanted, cause, f"write {name} like that, or set its sourceFormat in {place}"
    if not form.wanted:
        return wanted, form.cause, f"correct {name}, or its sourceTimeZone in {place}"
    wanted = repr(form.wanted)
    cure = f"write {name} as {wanted}"
    if form.source_format:
        cure += f", or set its sourceFormat in {place} to {form.source_format!r}"
        cure += f" and its sourceTimeZone to {form.zone}" if form.zone else ""
    return wanted, form.cause, cure


def _of_integers(name: str, texts: Sequence[str], place: str) -> tuple[str, str]:
    value = texts[0]
    if re.fullmatch(r"[+-]?\d+([.,]\d*)?[eE][+-]?\d+", value):
        return (
            "a spreadsheet or a notebook rounded the numbers, so that their last digits are gone",
            "fetch the original file: digits that were rounded away cannot be calculated back",
        )
    if re.fullmatch(r"-?\d+\.0*", value):
        large = any(len(text.split(".")[0].lstrip("-")) > 15 for text in texts)
        cause = "a program read the integers as floating-point numbers"
        if large:
            return f"{cause} and rounded the large ones", "fetch the original file"
        return cause, f"write {name} without decimals (pandas: astype('Int64'))"
    if re.fullmatch(r"[+-]?\d{1,3}([., '_\u00a0\u202f]\d{3})+", value):
        cause = "separators of thousands" + ", or decimals" * (value.count(".") == 1)
        return cause, f"write {name} without them"
    if re.fullmatch(r"[+-]?0*\d+", value):
        if len(value.lstrip("+-0")) > 18:
            return "more digits than 64 bits hold", f"declare {name} a string in {place}"
        return "leading zeros or a sign", f"write {name} without, or declare it a string in {place}"
    if re.fullmatch(r"[+-]?\d*[.,]\d+", value):
        return "numbers with decimals", f"declare {name} a decimal in {place}"
    if re.search(r"[A-Za-z]", value):
        return "texts instead of numbers", f"declare {name} a string in {place} if it is one"
    return "", f"write {name} like that"


def _of_decimals(column: Column, name: str, value: str, place: str) -> tuple[str, str]:
    bare = re.sub(rf"^({_SIGNS}|[A-Z]{{3}})\s?|\s?({_SIGNS}|[A-Z]{{3}})$", "", value)
    if bare != value and bare[-1:].isdigit():
        return "a currency beside the number", f"write {name} without it"
    if re.fullmatch(r"[+-]?\d{1,3}([.' \u00a0\u202f]\d{3})*,\d+", value):
        if re.fullmatch(r"-?\d{1,3}(,\d{3})+", value):
            return "separators of thousands, or a decimal comma", f"write {name} with a point"
        return "a decimal comma", f"write {name} with a point and without separators of thousands"
    if re.fullmatch(r"[+-]?\d{1,3}([, '_\u00a0\u202f]\d{3})+(\.\d+)?", value):
        return "separators of thousands", f"write {name} without them"
    if re.fullmatch(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+", value):
        return "scientific notation", f"write {name} with all its digits"
    if value.endswith("%"):
        return "a percentage", f"write {name} without the sign"
    if re.fullmatch(r"\([\d.,]+\)|[\d.,]+-", value):
        return "a spreadsheet's form of negative numbers", f"write {name} with a minus in front"
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        whole, decimals = column.precision - column.scale, len(value.partition(".")[2])
        if decimals > column.scale:
            cause = f"{decimals} decimals where the contract has {column.scale}"
        else:
            cause = f"more than the contract's {whole} digits before the point"
        return cause, f"round {name} at its source, or declare more digits in {place}"
    if re.fullmatch(r"[+-]?\d*\.?\d*", value):
        return "a sign, or a point without digits on both sides", f"write {name} like that"
    return "", f"write {name} like that"


#: Reasons of damaged lines, and what such a line holds.
HELD = {
    NUL_BYTE: "NUL bytes",
    STRAY_RETURN: "carriage returns",
    WRONG_ENCODING: "bytes of another encoding",
    CONTROL_CHARACTER: "control characters",
    TOO_LONG: "millions of characters",
}


#: Reasons of a JSON reader, and the likely cause of each.
_OF_JSON = {
    NOT_JSON: "an object over several lines, a line that was cut, or NaN for a number",
    NOT_AN_OBJECT: "a list or a bare value, where each row is an object with named fields",
    FIELD_TWICE: "a program that wrote a field twice, where one of the two would be lost",
    UNKNOWN_FIELDS: "a field that the contract does not know yet",
    TOMBSTONE: "a message without a value, which says that its key was deleted",
}


def _of_lines(delivered: Rows, code: str, rows: int, texts: Sequence[str]) -> LikelyCause:
    """A reason that concerns the line as a whole, such as too many values."""
    line, contract, header = texts[0], delivered.contract, delivered.header
    if contract.form == "json":
        cure = "correct the rows at their source"
        return LikelyCause("", code, rows, line, "a JSON object", _OF_JSON.get(code, ""), cure)
    plain = contract.dialect.plain_line(line)
    wanted, cause, cure = f"a line of {len(header)} values", "", "correct the lines at their source"
    if code in HELD:
        wanted = f"{wanted} without {HELD[code]}"
    if code in ("too_many_columns", "missing_columns"):
        found = plain.count(contract.delimiter) + 1
        wanted += f" apart by {contract.dialect.delimiter!r}, not {found}"
        if '"' in line and not contract.dialect.quote:
            cause = "values in quotes, where the contract says that there are none"
            cure = "deliver the file without quotes, or declare its quote in the contract"
        elif found > len(header) and re.search(r"\d,\d", line):
            cause = "decimal commas, or values that hold the separator"
            cure = "write numbers with a point, and values that hold the separator in quotes"
        elif found > len(header):
            cause = "values that hold the separator"
            cure = "deliver them in quotes, and declare the quote in the contract"
        else:
            cause = "another separator, lines that were cut, or line breaks inside of values"
    return LikelyCause("", code, rows, line, wanted, cause, cure)


def in_words(found: Sequence[LikelyCause]) -> tuple[str, str]:
    """Some causes as the two sentences of a failure: what is wrong, and what to do."""
    return "; ".join(map(str, found)), "; ".join(dict.fromkeys(each.cure for each in found))
