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

from ecommerce_assets.lib.contracts.columns import Column, LakeType
from ecommerce_assets.lib.contracts.rules import quote_text
from ecommerce_assets.lib.ingest.text import TextFile
from ecommerce_assets.scaffold.times import (
    UnfitColumn,
    chosen_format,
    epoch_counts,
    epoch_format,
    formats_of,
    in_the_way,
)

if TYPE_CHECKING:
    import duckdb

#: Headers without any mark that Markdown or dbt could take for one of theirs.
_PLAIN_WORDS = re.compile(r"[\w .,:;()/%&'\"?=@€£°²³+-]{1,200}")
#: Decimals get this many digits, so that next month's larger value has room.
PRECISION, MOST_WHOLE, MOST_SCALE = 18, 29, 9
#: Scale of the money type that staging turns a decimal comma into, and digits before it.
MONEY_WHOLE, MONEY_SCALE = 14, 4


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
        misfits: values that are not times, in a column of times.
        whole_as_decimals: whole numbers that went through floating point, such as 12.0.
        in_the_way: why a column that looks like times is kept as text.
    """

    column: Column
    empty: int
    decimal_comma: bool = False
    misfits: int = 0
    whole_as_decimals: bool = False
    in_the_way: str | None = None

    @property
    def is_time(self) -> bool:
        """Whether it is a timestamp."""
        return self.column.kind == "timestamp"

    @property
    def is_day(self) -> bool:
        """Whether it is a timestamp without a clock."""
        form = self.column.source_format or ""
        return self.is_time and "%M" not in form and "epoch" not in form


def find_columns(
    db: duckdb.DuckDBPyConnection,
    text: TextFile,
    header: list[str],
    names: dict[int, str],
    choices: Choices,
) -> list[FoundColumn]:
    """What each column is.

    Args:
        db: reads the text.
        text: the sample as plain lines.
        header: the file's names.
        names: the contract's names by their places in the header; other columns are left out.
        choices: what the user says.

    Raises:
        UnfitColumn: numbers were rounded to exponents, a date is ambiguous, or a name is unknown.
    """
    for name in (*choices.text, *choices.optional):
        if name not in header:
            raise UnfitColumn(
                f"the sample has no column {name!r}",
                f"name one of {', '.join(header[place] for place in names)}",
            )
    reader = reader_of(text, len(header))
    return [
        _found(db, reader, f"c{place}", header[place], name, choices)
        for place, name in names.items()
    ]


def _found(
    db: duckdb.DuckDBPyConnection,
    reader: str,
    c: str,
    original: str,
    name: str,
    choices: Choices,
) -> FoundColumn:
    counts = _counts(db, reader, c)
    if not counts["all_rows"]:
        raise UnfitColumn(
            "no row of the sample has as many values as its header",
            "check its delimiter and quotes: --delimiter, --quote",
        )
    kind, how = ("string", {}) if original in choices.text else _kind(original, counts)
    way = None
    if kind == "string" and original not in choices.text and counts["filled"]:
        formats, likely = formats_of(db, reader, c, counts["filled"])
        if formats:
            kind, how = (
                "timestamp",
                chosen_format(
                    original, formats, counts["filled"], choices.day_first, choices.time_zone
                ),
            )
        else:
            way = in_the_way(db, reader, c, likely)
    elif kind == "int64" and (unit := epoch_format(original, counts)):
        kind, how = "timestamp", {"source_format": unit}
    comma, misfits = how.pop("comma", False), how.pop("misfits", 0)
    column = Column(
        name=name,
        kind=kind,
        description=described(original),
        required=counts["filled"] == counts["all_rows"] and original not in choices.optional,
        source_name=original,
        **how,
    )
    floats = kind == "decimal" and counts["whole_as_decimals"] == counts["filled"]
    empty = counts["all_rows"] - counts["filled"]
    return FoundColumn(column, empty, comma, misfits, floats, way)


def described(original: str) -> str:
    """What a column is, by its header, where that is plain words.

    dbt fills in what stands in braces, and Dagster's pages read descriptions as Markdown: a header
    that holds a mark of either stands in the contract's `sourceName` alone.
    """
    if _PLAIN_WORDS.fullmatch(original) and "://" not in original:
        return f"The column {original} as delivered."
    return "A column as delivered; its contract has the name that the file gives it."


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
            coalesce(max(length(regexp_extract({c}, ',([0-9]+)$', 1))), 0) as comma_scale,
            count_if(regexp_full_match({c}, '-?[0-9]+\\.0')) as whole_as_decimals,
            {epoch_counts(c)}
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
