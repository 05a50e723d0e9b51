"""Which form of times a column of a sample has, and what is in the way where it has none.

Belongs here: the forms that are tried, and choosing among those that fit. Stays out: reading them
(`lib/contracts/times.py`), other types (`columns.py`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.contracts.rules import quote_text
from ecommerce_assets.lib.contracts.times import FRACTION, time_format
from ecommerce_assets.lib.failures import PermanentFailure

if TYPE_CHECKING:
    import duckdb

_ISO_DAY = "%Y-%m-%d"
_DAYS = (*(_ISO_DAY, "%d.%m.%Y", "%-d.%-m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%-d.%-m.%y"),)
_WORDED_DAYS = (
    *("%d-%b-%Y", "%-d-%b-%Y", "%d %b %Y", "%-d %b %Y", "%b %d, %Y", "%b %-d, %Y"),
    *("%d %B %Y", "%-d %B %Y", "%B %d, %Y", "%B %-d, %Y"),
)
_DAY_FIRST = ("%d/%m/%Y", "%-d/%-m/%Y", "%d-%m-%Y", "%-d-%-m-%Y", "%d/%m/%y", "%-d/%-m/%y")
_MONTH_FIRST = ("%m/%d/%Y", "%-m/%-d/%Y", "%m-%d-%Y", "%-m-%-d-%Y", "%m/%d/%y", "%-m/%-d/%y")
_CLOCKS = ("%H:%M:%S", "%-H:%M:%S", "%H:%M", "%-H:%M")
_HALVES = ("%I:%M:%S", "%-I:%M:%S", "%I:%M", "%-I:%M")
#: Endings that say that a time is UTC.
_UTC = ("Z", " UTC", " GMT")
_OFFSETS = ("%z", " %z")
#: Rows in which a time format must show at all before the whole sample is asked.
LOOKED_AT = 2000
#: A column holds times if this share of its values has one format.
TIMES = 0.99
#: Numbers since 1970 count from 2001 to 2100, by their digits.
_EPOCHS = {10: "epoch seconds", 13: "epoch milliseconds", 16: "epoch microseconds"}
_UNITS = frozenset(("s", "seconds", "ms", "millis", "milliseconds", "us", "microseconds", "utc"))
_OF_TIMES = frozenset(["at", "date", "datetime", "epoch", "time", "timestamp", "ts", "unixtime"])


class UnfitColumn(PermanentFailure):
    """A column that no contract can be made of without harm."""


@dataclass(frozen=True)
class Shape:
    """What occurs in a column's values, and so which forms are worth a try."""

    day: bool
    word: bool
    clock: bool
    mark_t: bool
    comma: bool
    half: bool
    fraction: bool
    endings: tuple[str, ...]

    def forms(self) -> tuple[str, ...]:
        """The forms, those that are likelier first."""
        if not self.day:
            return ()
        clocks = list(_CLOCKS) if self.clock else []
        if self.half:
            clocks += [f"{clock}{blank}%p" for clock in _HALVES for blank in (" ", "")]
        if self.fraction:
            clocks += [clock.replace("%S", f"%S{FRACTION}") for clock in clocks if "%S" in clock]
        endings, found = ("", *self.endings), []
        worded = _WORDED_DAYS if self.word else ()
        for day in (*_DAYS, *worded, *_DAY_FIRST, *_MONTH_FIRST):
            marks = [" ", *["T"] * (self.mark_t and day == _ISO_DAY), *[", "] * self.comma]
            found += [f"{day}{m}{clock}{end}" for m in marks for clock in clocks for end in endings]
            found.append(day)
        return tuple(found)


def shape_of(db: duckdb.DuckDBPyConnection, source: str, c: str) -> Shape:
    """What occurs in the texts `c` of a source."""
    tests = {
        "day": r"[0-9][-/. ][0-9A-Za-z]|[A-Za-z] [0-9]",
        "word": r"[0-9][- ][A-Za-z]{3}|[A-Za-z]{3} [0-9]",
        "clock": r"[0-9]:[0-9]{2}",
        "mark_t": r"[0-9]T[0-9]",
        "comma": r", [0-9]{1,2}:",
        "half": r"[0-9] ?[AaPp][Mm]",
        "fraction": r":[0-9]{2}\.[0-9]",
        "Z": r"[0-9MmZz]Z$",
        " UTC": r" UTC$",
        " GMT": r" GMT$",
        "%z": r":[0-9]{2}(\.[0-9]+)?[+-][0-9]{2}(:?[0-9]{2})?$",
        " %z": r" ([+-][0-9]{2}(:?[0-9]{2})?|Z)$",
    }
    asked = ", ".join(f"bool_or(regexp_matches({c}, {quote_text(t)}))" for t in tests.values())
    row = db.execute(f"select {asked} from {source}").fetchone() or ()
    shows = {name: bool(found) for name, found in zip(tests, row, strict=True)}
    endings = tuple(end for end in (*_UTC, *_OFFSETS) if shows.pop(end))
    return Shape(**shows, endings=endings)


def formats_of(
    db: duckdb.DuckDBPyConnection, reader: str, c: str, filled: int
) -> tuple[dict[str, int], dict[str, int]]:
    """The forms that a column's values have, with how many have each.

    Returns:
        Those of nearly all values, and those of some of the first ones.
    """
    some = f"(select {c} from {reader} where {c} is not null limit {LOOKED_AT})"
    first = _fitting(db, some, c, shape_of(db, some, c).forms())
    likely = {form: fits for form, fits in first.items() if fits}
    if not likely:
        return {}, {}
    fitting = _fitting(db, reader, c, list(likely))
    return {form: fits for form, fits in fitting.items() if fits >= TIMES * filled}, likely


def _fitting(
    db: duckdb.DuckDBPyConnection, source: str, c: str, formats: Sequence[str]
) -> dict[str, int]:
    """How many values have a form, as the loader will ask."""
    if not formats:
        return {}
    tests = [f"count_if({_has(c, form)})" for form in formats]
    row = db.execute(f"select {', '.join(tests)} from {source}").fetchone() or ()
    return {form: fits or 0 for form, fits in zip(formats, row, strict=True)}


def _has(c: str, form: str) -> str:
    spelled = time_format(form)
    return spelled.is_faithful(c, spelled.value(c, ""), "")


def chosen_format(
    name: str, formats: dict[str, int], filled: int, day_first: bool | None, time_zone: str
) -> dict[str, Any]:
    """The format of a column of times, and whose clock it is.

    Raises:
        UnfitColumn: the day and the month cannot be told apart.
    """
    best = max(formats.values())
    fitting = [form for form, fits in formats.items() if fits == best]
    chosen = fitting[0]
    either = [form for form in fitting if form.startswith(_MONTH_FIRST)]
    if either and chosen.startswith(_DAY_FIRST):
        if day_first is None:
            apart = "-" if "-" in chosen else "/"
            raise UnfitColumn(
                f"the column {name} has dates such as 03{apart}04{apart}2024, and the sample does "
                "not show whether the day or the month comes first",
                "say --day-first or --month-first, or give a larger sample",
            )
        chosen = chosen if day_first else either[0]
    how: dict[str, Any] = {"source_format": chosen, "misfits": filled - best}
    if "%M" in chosen and not chosen.endswith((*_UTC, "%z")):
        how["source_time_zone"] = time_zone
    return how


def epoch_format(name: str, counts: dict[str, Any]) -> str | None:
    """The unit of a column of whole numbers since 1970, which its name has to say; None if not."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    while words and words[-1] in _UNITS:
        words.pop()
    if not words or not (words[-1] in _OF_TIMES or {"epoch", "unix", "timestamp"} & {*words}):
        return None
    return next(
        (
            unit
            for digits, unit in _EPOCHS.items()
            if counts["filled"] and counts[f"epoch_{digits}"] == counts["filled"]
        ),
        None,
    )


def epoch_counts(c: str) -> str:
    """The aggregates that `epoch_format` reads, as part of a SELECT list."""
    return ", ".join(
        f"count_if(length({c}) = {digits} and {c} between '1{'0' * (digits - 1)}' "
        f"and '4102444800{'0' * (digits - 10)}' and regexp_full_match({c}, '[0-9]+')) "
        f"as epoch_{digits}"
        for digits in _EPOCHS
    )


def in_the_way(
    db: duckdb.DuckDBPyConnection, reader: str, c: str, likely: dict[str, int]
) -> str | None:
    """Why a column that looks like times is none: a value, and what of it is in no known form.

    Args:
        db: reads the text.
        reader: the text's rows.
        c: the column.
        likely: the forms that some of the first values have.
    """
    if likely:
        form = max(likely, key=lambda each: likely[each])
        odd = f"{c} is not null and not coalesce({_has(c, form)}, false)"
        row = db.execute(f"select min({c}), count(*) from {reader} where {odd}").fetchone()
        told = f"{row[1]:,} values are not written like the others" if row else ""
        return f"{told}, such as {row[0]!r}" if row else None
    day = (
        r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}:[0-9]{2}"
        r"|[0-9]{1,2}[-/. ][0-9A-Za-z]{1,9}[-/., ]+[0-9]{2,4})"
    )
    some = f"(select {c} as t from {reader} where {c} is not null limit {LOOKED_AT})"
    row = db.execute(
        f"select min(t) filter (where regexp_matches(t, {quote_text(day)})), "
        f"avg(cast(regexp_matches(t, {quote_text(day)}) as int)) from {some}"
    ).fetchone()
    if not row or not row[0] or row[1] < TIMES or len(row[0]) > 60:
        return None
    value: str = row[0]
    starts = [quote_text(value[:end]) for end in range(8, len(value))]
    texts = f"(select unnest([{', '.join(starts)}]) as t)"
    forms = shape_of(db, texts, "t").forms()
    asked = ", ".join(f"max(length(t)) filter (where {_has('t', form)})" for form in forms)
    known = max(end or 0 for end in db.execute(f"select 0, {asked} from {texts}").fetchone() or ())
    if known:
        return f"in {value!r}, {value[known:].strip()!r} is in the way"
    return f"{value!r} is in no form that is known"
