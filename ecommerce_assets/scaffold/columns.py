"""What the columns of a sample are: types, time formats, which of them are always filled.

Belongs here: the rules by which a type is taken, over all rows of the sample read as text by the
loader's own reader. Stays out: the file's spelling (`sample.py`), judging rows by the finished
contract (`trial.py`).

Types are strict, because a row that misses its column's type goes to quarantine: a column is a
number only if all its values are. Times alone may have a few misfits, for nothing else looks alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contract import Column, LakeType
from ecommerce_assets.lib.datafile import TextFile
from ecommerce_assets.lib.failures import PermanentFailure
from ecommerce_assets.lib.rules import quote_text

if TYPE_CHECKING:
    import duckdb

_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%-d.%-m.%Y", "%Y/%m/%d", "%d-%m-%Y")
_DAY_FIRST = ("%d/%m/%Y", "%-d/%-m/%Y")
_MONTH_FIRST = ("%m/%d/%Y", "%-m/%-d/%Y")
_CLOCKS = (" %H:%M:%S", " %H:%M", " %-H:%M", " %H:%M:%S.%g", " %H:%M:%S.%f", "")
_ISO = [f"%Y-%m-%d{mark}%H:%M{rest}" for mark in "T " for rest in ("", ":%S", ":%S.%g", ":%S.%f")]
FORMATS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [f"{iso}{zone}" for zone in ("", "Z", " UTC", "+00:00") for iso in _ISO]
        + [day + clock for day in (*_DAYS, *_DAY_FIRST, *_MONTH_FIRST) for clock in _CLOCKS]
    )
)
#: Rows in which a time format must show at all before the whole sample is asked.
LOOKED_AT = 2000
#: A column holds times if this share of its values has one format.
TIMES = 0.99
#: Decimals get this many digits, so that next month's larger value has room.
PRECISION, MOST_WHOLE, MOST_SCALE = 18, 29, 9
#: Scale of the money type that staging turns a decimal comma into, and digits before it.
MONEY_WHOLE, MONEY_SCALE = 14, 4


class UnfitColumn(PermanentFailure):
    """A column that no contract can be made of without harm."""


@dataclass(frozen=True)
class Choices:
    """What the user says of columns, by the names of the file's header.

    Attributes:
        text: kept as text, whatever they look like.
        optional: may be empty, though the sample has no empty value.
        day_first: whether 03/04/2024 is in April; None: refused where the sample does not show it.
        time_zone: whose wall-clock time the times with a clock are.
    """

    text: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    day_first: bool | None = None
    time_zone: str = "UTC"


@dataclass(frozen=True)
class FoundColumn:
    """One column of the sample.

    Attributes:
        column: as the contract declares it.
        empty: rows without a value.
        decimal_comma: a number with a decimal comma, which the lake keeps as text.
        misfits: values that are no times, in a column of times.
    """

    column: Column
    empty: int
    decimal_comma: bool = False
    misfits: int = 0

    @property
    def is_time(self) -> bool:
        """Whether it is a timestamp."""
        return self.column.kind == "timestamp"

    @property
    def is_day(self) -> bool:
        """Whether it is a timestamp without a clock."""
        return self.is_time and "%H" not in self._format and "%-H" not in self._format

    @property
    def _format(self) -> str:
        return self.column.source_format or ""


def find_columns(
    db: duckdb.DuckDBPyConnection,
    text: TextFile,
    header: list[str],
    names: list[str],
    choices: Choices,
) -> list[FoundColumn]:
    """What each column is.

    Args:
        db: reads the text.
        text: the sample as plain lines.
        header: the file's names.
        names: the contract's names.
        choices: what the user says.

    Raises:
        UnfitColumn: numbers were rounded to exponents, a date is ambiguous, or a name is unknown.
    """
    for name in (*choices.text, *choices.optional):
        if name not in header:
            raise UnfitColumn(
                f"the sample has no column {name!r}", f"name one of {', '.join(header)}"
            )
    reader = reader_of(text, len(header))
    found = []
    for place, (original, name) in enumerate(zip(header, names, strict=True)):
        counts = _counts(db, reader, f"c{place}")
        if not counts["all_rows"]:
            raise UnfitColumn(
                "no row of the sample has as many values as its header",
                "check its delimiter and quotes: --delimiter, --quote",
            )
        kind, how = ("string", {}) if original in choices.text else _kind(original, counts)
        formats = _formats(db, reader, f"c{place}", counts) if kind == "string" else {}
        if formats and original not in choices.text:
            kind, how = "timestamp", _time(original, formats, counts, choices)
        comma, misfits = how.pop("comma", False), how.pop("misfits", 0)
        column = Column(
            name=name,
            kind=kind,
            description=f"The column {original} as delivered.",
            required=counts["filled"] == counts["all_rows"] and original not in choices.optional,
            source_name=original,
            **how,
        )
        found.append(FoundColumn(column, counts["all_rows"] - counts["filled"], comma, misfits))
    return found


def reader_of(text: TextFile, columns: int) -> str:
    """The plain text as rows of texts c0, c1, …; lines of another width are left out."""
    listed = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(columns))
    return (
        f"read_csv({quote_text(str(text.path))}, auto_detect=false, header=true, "
        f"delim={quote_text(text.dialect.separator)}, quote='', escape='', nullstr='', "
        f"columns={{{listed}}}, store_rejects=true, rejects_limit=0)"
    )


def _counts(db: duckdb.DuckDBPyConnection, reader: str, c: str) -> dict[str, Any]:
    """How many values of a column have which form."""
    number = r"-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?"
    exponent = r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+"
    cursor = db.execute(
        f"""
        select
            count(*) as all_rows,
            count({c}) as filled,
            count_if(cast(try_cast({c} as bigint) as varchar) = {c}) as whole,
            count_if(regexp_full_match({c}, '-?[0-9]+(\\.[0-9]+)?')) as decimals,
            count_if(regexp_full_match({c}, '-?0[0-9].*')) as leading_zeros,
            count_if(regexp_full_match({c}, '{number}')) as commas,
            count_if(contains({c}, ',')) as with_comma,
            count_if(regexp_full_match({c}, '{exponent}')) as exponents,
            min({c}) filter (where regexp_full_match({c}, '{exponent}')) as rounded,
            coalesce(max(length(regexp_extract(replace({c}, '.', ''), '^-?([0-9]+)', 1))), 0)
                as comma_whole,
            coalesce(max(length(regexp_extract({c}, '^-?([0-9]+)', 1))), 0) as digits,
            coalesce(max(length(regexp_extract({c}, '\\.([0-9]+)$', 1))), 0) as scale,
            coalesce(max(length(regexp_extract({c}, ',([0-9]+)$', 1))), 0) as comma_scale
        from {reader}
        """
    )
    titles = [each[0] for each in cursor.description or []]
    # Of no value at all DuckDB counts null.
    return {title: n or 0 for title, n in zip(titles, cursor.fetchall()[0], strict=True)}


def _kind(name: str, counts: dict[str, Any]) -> tuple[LakeType, dict[str, Any]]:
    """A number's type, or text."""
    filled = counts["filled"]
    numbers = max(counts["decimals"], counts["commas"])
    if counts["exponents"] and numbers + counts["exponents"] >= filled:
        raise UnfitColumn(
            f"the column {name} holds numbers with exponents, such as {counts['rounded']}: a "
            "spreadsheet or a notebook rounded them, and their last digits are lost",
            f"export the file again with whole numbers; if they are codes: --text {name!r}",
        )
    if not filled or counts["leading_zeros"]:
        return "string", {}  # 00417 is a code: as a number it would lose its zeros
    if counts["whole"] == filled:
        return "int64", {}
    scale, digits = counts["scale"], counts["digits"]
    if counts["decimals"] == filled and 0 < scale <= MOST_SCALE and digits <= MOST_WHOLE:
        precision = max(PRECISION, digits + scale)
        return "decimal", {"precision": precision, "scale": scale}
    fits = counts["comma_whole"] <= MONEY_WHOLE and counts["comma_scale"] <= MONEY_SCALE
    return "string", {"comma": counts["commas"] == filled and counts["with_comma"] > 0 and fits}


def _formats(
    db: duckdb.DuckDBPyConnection, reader: str, c: str, counts: dict[str, Any]
) -> dict[str, int]:
    """The time formats that fit the column's values, with how many values each fits."""
    some = f"(select {c} from {reader} where {c} is not null limit {LOOKED_AT})"
    likely = {form for form, fits in _fitting(db, some, c, FORMATS).items() if fits}
    if not likely:
        return {}
    wanted = [form for form in FORMATS if form in likely]
    fitting = _fitting(db, reader, c, wanted)
    return {form: fits for form, fits in fitting.items() if fits >= TIMES * counts["filled"]}


def _fitting(
    db: duckdb.DuckDBPyConnection, source: str, c: str, formats: list[str] | tuple[str, ...]
) -> dict[str, int]:
    """How many values a format reads and writes again as they are, as the loader will ask."""
    tests = []
    for form in map(quote_text, formats):
        at = f"make_timestamp(epoch_us(try_strptime({c}, {form})))"
        tests.append(f"count_if(strftime({at}, {form}) = {c})")
    row = db.execute(f"select {', '.join(tests)} from {source}").fetchone() or ()
    return {form: fits or 0 for form, fits in zip(formats, row, strict=True)}


def _time(
    name: str, formats: dict[str, int], counts: dict[str, Any], choices: Choices
) -> dict[str, Any]:
    """The format of a column of times, and whose clock it is."""
    best = max(formats.values())
    fitting = [form for form, fits in formats.items() if fits == best]
    chosen = fitting[0]
    either = [form for form in fitting if form.startswith(_MONTH_FIRST)]
    if either and chosen.startswith(_DAY_FIRST):
        if choices.day_first is None:
            raise UnfitColumn(
                f"the column {name} has dates such as 03/04/2024, and the sample does not show "
                "whether the day or the month comes first",
                "say --day-first or --month-first, or give a larger sample",
            )
        chosen = chosen if choices.day_first else either[0]
    how: dict[str, Any] = {"source_format": chosen, "misfits": counts["filled"] - best}
    if re.search("%-?H", chosen) and not chosen.endswith(("Z", "UTC", "+00:00")):
        how["source_time_zone"] = choices.time_zone
    return how
