"""Which spelling of times a file uses where its contract wants another one.

Belongs here: recognising a form from a few texts, naming how it differs from the wanted one, and
writing the same time in the wanted form. Stays out: numbers and words (`likely_causes.py`), and
judging rows (`lib/contracts/rules.py`).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ecommerce_assets.lib.contracts.columns import Column
from ecommerce_assets.lib.contracts.times import written

#: Shown where a value tells nothing of the time that it stands for.
EXAMPLE = datetime(2019, 10, 31, 17, 5, 9)

_DAYS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%-d.%-m.%Y", "%d/%m/%Y", "%-d/%-m/%Y", "%m/%d/%Y", "%-m/%-d/%Y"),
    *("%d-%m-%Y", "%-d-%-m-%Y", "%m-%d-%Y", "%-m-%-d-%Y", "%Y/%m/%d", "%Y/%-m/%-d", "%Y-%-m-%-d"),
    *("%Y.%m.%d", "%Y%m%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%-d/%-m/%y", "%-m/%-d/%y"),
    *("%d-%b-%Y", "%d %b %Y", "%-d %b %Y", "%b %d, %Y", "%b %-d, %Y", "%d %B %Y", "%B %-d, %Y"),
)
_DIGITS = {"Y": r"\d{4}", "y": r"\d\d", "m": r"\d\d", "d": r"\d\d", "b": "[A-Za-z]{3}"}
_DIGITS |= {"-m": r"\d\d?", "-d": r"\d\d?", "B": "[A-Za-z]+"}
#: Hour, colon, minute, second, fraction, half of the day, zone.
_HOURS = re.compile(
    r"(T| |, )(\d\d?)(:?)(\d\d)(?:\3(\d\d)(\.\d{1,6})?)?(?:( ?)([AaPp][Mm]))?"
    r"( ?(?:Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?"
)
_ORDERS = {"Ymd": "the year first", "dmY": "the day first", "mdY": "the month first"}
_EPOCHS = {10: ("seconds", 0), 13: ("milliseconds", 3), 16: ("microseconds", 6)}


@dataclass(frozen=True)
class TimeForm:
    """How the times of a column are spelled.

    Attributes:
        cause: what the form is, in plain words.
        source_format: how a contract declares it; None where it cannot.
        zone: what the contract has to say of its time zone with it; None: what it says now.
        wanted: the first text's time in the contract's form; empty where there is no such time.
    """

    cause: str
    source_format: str | None
    zone: str | None
    wanted: str


def wanted_form(column: Column, at: datetime = EXAMPLE) -> str:
    """A time in the form that a column's contract wants; `at` is on the clock of its zone."""
    return written(column.source_format or "", at)


def time_form(column: Column, texts: Sequence[str]) -> TimeForm | None:
    """The form in which most of the texts are written; None where it is not a known one.

    Args:
        column: a timestamp.
        texts: some values that do not have the column's form; the first is the one to show.
    """
    first = texts[0]
    if number := _counted(column, first):
        return number
    wanted = column.source_format or ""
    fits = {form: sum(bool(_read(text, form)) for text in texts) for form in _forms(first)}
    if not any(fits.values()):
        return None
    # Of forms that fit as many texts, the one that has most in common with the wanted one.
    form = max(fits, key=lambda form: (fits[form], *_alike(form, wanted)))
    at = _read(first, form)
    if not at:
        return None
    zone = ZoneInfo(column.source_time_zone)
    if at.tzinfo or _says_utc(form):
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    declared = _declared(form, first)
    if declared == wanted:
        cause = f"a time that the clocks of {zone.key} never show"
        return TimeForm(cause, None, None, "")
    says = None
    if (_says_utc(form) or "%z" in form) and zone.key != "UTC":
        says = "UTC"
    elif _says_utc(wanted) and not _says_utc(form):
        says = "the zone of its clock, such as Europe/London"
    return TimeForm(_differences(form, wanted, first), declared, says, wanted_form(column, at))


def _alike(form: str, wanted: str) -> tuple[bool, bool, bool]:
    """Of forms that a text may have: which one it has most likely."""
    letters = re.findall(r"%(-?)[mdHI]", form)
    return _order(form) == _order(wanted), len(set(letters)) == 1, _padded(form) == _padded(wanted)


def _says_utc(form: str) -> bool:
    return form.endswith(("Z", "UTC", "GMT", "+00:00", "+0000", "+00"))


def _forms(text: str) -> Iterator[str]:
    """The forms that a text may have."""
    for day in _DAYS:
        parts = re.sub(r"%(-?[A-Za-z])", lambda found: _DIGITS[found[1]], day.replace(".", r"\."))
        found = re.match(rf"{parts}(?!\d)", text)
        if not found:
            continue
        if found.end() == len(text):
            yield day
        elif hours := _HOURS.fullmatch(text, found.end()):
            yield from (day + form for form in _hours(hours))


def _hours(found: re.Match[str]) -> Iterator[str]:
    between, hour, colon, _, second, fraction, blank, half, zone = found.groups()
    letter = "I" if half else "H"
    form = f"{colon}%M" + f"{colon}%S" * bool(second) + ".%f" * bool(fraction)
    form += f"{blank}%p" if half else ""
    if zone and zone.strip()[0] in "+-":
        blank = " " * zone.startswith(" ")
        form += zone if not zone.strip("+ :0") and "+" in zone else f"{blank}%z"
    else:
        form += zone or ""
    if len(hour) == 2:
        yield f"{between}%{letter}{form}"
    yield f"{between}%-{letter}{form}"


def _read(text: str, form: str) -> datetime | None:
    """The time of a text that has exactly this form."""
    with contextlib.suppress(ValueError):
        # Python writes `%-d`, but reads `%d` alone.
        at = datetime.strptime(text, form.replace("%-", "%"))
        if at.tzinfo:
            return at
        again = re.sub(r"(\.\d{6})", lambda _: _fraction(text), at.strftime(form))
        return at if again.lower() == text.lower() else None
    return None


def _fraction(text: str) -> str:
    found = re.search(r":\d\d(\.\d{1,6})", text)
    return found[1] if found else ""


def _declared(form: str, text: str) -> str:
    """The form as a contract declares it: DuckDB's `%g` where the seconds have three decimals."""
    if "%z" in form:
        return form.replace(".%f", "%.f")
    return form.replace("%f", "%g") if re.search(r"\.\d{3}(?!\d)", text) else form


def _counted(column: Column, text: str) -> TimeForm | None:
    """Times as a number: since 1970, or days as a spreadsheet counts them."""
    zone = ZoneInfo(column.source_time_zone)
    found = re.fullmatch(r"(\d{10}|\d{13}|\d{16})(\.\d+)?", text)
    if found:
        unit, places = _EPOCHS[len(found[1])]
        at = datetime.fromtimestamp(int(found[1]) / 10**places, UTC).astimezone(zone)
        return TimeForm(f"{unit} since 1970", None, None, wanted_form(column, at))
    if re.fullmatch(r"[2-6]\d{4}([.,]\d+)?", text):
        at = datetime(1899, 12, 30) + timedelta(days=float(text.replace(",", ".")))
        at = (at + timedelta(milliseconds=500)).replace(microsecond=0)
        return TimeForm("days as a spreadsheet counts them", None, None, wanted_form(column, at))
    return None


def _differences(found: str, wanted: str, text: str) -> str:
    """How a form differs from the wanted one, in words."""
    said = []
    if "T%" in found and found.endswith(("Z", "%z", "+00:00")):
        said.append("ISO 8601 times")
    order, other = _order(found), _order(wanted)
    if order != other:
        said.append(_ORDERS.get(order, "another order of day, month and year"))
    elif _apart(found) != _apart(wanted):
        said.append(f"{_apart(found) or 'nothing'} between day, month and year")
    if "." in _apart(found) and "." not in _apart(wanted) and order != other:
        said.append("dots in the date")
    said += [words for test, words in _marks(found, wanted, text) if test]
    return ", ".join(said) or "another form of times"


def _marks(found: str, wanted: str, text: str) -> list[tuple[bool, str]]:
    has_time = "%M" in found
    zone = next((z for z in ("Z", "UTC", "GMT", "+00:00", "+0000") if found.endswith(z)), "")
    offset = re.search(r"[+-]\d\d(:?\d\d)?$", text) if has_time else None
    zoned = _says_utc(wanted)
    return [
        ("%y" in found and "%y" not in wanted, "years of two digits"),
        (("%b" in found or "%B" in found) and "%b" not in wanted.lower(), "months as words"),
        (not has_time, "no time of day"),
        ("T%" in found and "T%" not in wanted, "a T between date and time"),
        (has_time and "%S" not in found and "%S" in wanted, "no seconds"),
        ("%S" in found and "%S" not in wanted, "seconds"),
        (bool(re.search(r"\.\d+", text)) and "%f" in found, "fractions of seconds"),
        ("%p" in found, "a clock of twelve hours"),
        (_padded(found) and not _padded(wanted), "leading zeros"),
        (_padded(wanted) and not _padded(found), "no leading zeros"),
        (bool(offset), f"the offset {offset[0] if offset else ''} from UTC"),
        (bool(zone) and not offset and not wanted.endswith(zone), f"{zone} behind the time"),
        (has_time and zoned and not zone and not offset, "no time zone behind the time"),
    ]


def _order(form: str) -> str:
    """The order of year, month and day, e.g. `dmY`."""
    letters = re.findall(r"%-?([YymbBd])", form)
    return "".join({"y": "Y", "b": "m", "B": "m"}.get(letter, letter) for letter in letters)


def _apart(form: str) -> str:
    """What stands between the first two parts of the date."""
    found = re.search(r"%-?[YymbBd]([^%]*)%-?[YymbBd]", form)
    return repr(found[1]) if found and found[1] else ""


def _padded(form: str) -> bool:
    return "%-" not in form
