"""The forms of times that a contract can declare, as DuckDB SQL: reading them, and the way back.

Belongs here: from a text to an instant, exactly, and whether the text is a faithful spelling of it.
Stays out: other types and rules (`rules.py`), recognising a form (`scaffold/times.py`).

A `sourceFormat` is what DuckDB's `strptime` takes, such as `%Y-%m-%d %H:%M:%S UTC`, and besides:

- `%.f` right behind `%S`: an optional fraction, one to six digits (more if they are zeros);
- `%z` at the end: an offset as `+0200`, `+02:00`, `+02`, or `Z`, in each value its own;
- `%p`: AM and PM in either case;
- `epoch seconds`, `epoch milliseconds`, `epoch microseconds`: whole numbers since 1970 in UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

FRACTION, OFFSET = "%.f", "%z"
#: The words of a number since 1970: its microseconds, and the digits after the first.
EPOCHS = {
    "epoch seconds": (1_000_000, 10),
    "epoch milliseconds": (1_000, 13),
    "epoch microseconds": (1, 16),
}
#: An offset from UTC; no clock on earth is further than 14 hours from it.
_OFFSET = r"(Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)$"
_FRACTION = r"(:[0-9]{2})\.([0-9]{1,9})"


@dataclass(frozen=True)
class TimeFormat:
    """A `sourceFormat`, taken apart.

    Attributes:
        base: what `strptime` reads once fraction and offset are gone.
        fraction: whether seconds may have a fraction.
        offset: whether an offset ends each text.
        epoch: words of `EPOCHS`; empty for a time in words and digits.
    """

    base: str
    fraction: bool = False
    offset: bool = False
    epoch: str = ""

    @property
    def names_its_zone(self) -> bool:
        """Whether each value says itself which instant it is."""
        return self.offset or bool(self.epoch)

    def value(self, name: str, zone: str) -> str:
        """The instant of a text, null where it cannot be read.

        Args:
            name: the quoted name of the text's column.
            zone: whose clock it is, quoted; empty for UTC.
        """
        if self.epoch:
            factor, digits = EPOCHS[self.epoch]
            whole = f"regexp_full_match({name}, '0|-?[1-9][0-9]{{0,{digits}}}')"
            return f"case when {whole} then make_timestamptz(cast({name} as bigint) * {factor}) end"
        # epoch_us keeps the instant; a cast would go through the session's time zone.
        micros = f"epoch_us(try_strptime({self._base_text(name)}, {_quote(self.base)}))"
        if self.fraction:
            micros += f" + {self._micros(name)}"
        if self.offset:
            micros += f" - {_offset_micros(name)}"
        if zone:
            return f"timezone({zone}, make_timestamp({micros}))"
        return f"make_timestamptz({micros})"

    def is_faithful(self, name: str, typed: str, zone: str) -> str:
        """True where a text is written as the form says: written again it is the same.

        Parsing overlooks blanks and missing leading zeros. Arguments as of `value`, and `typed`,
        the value.
        """
        if self.epoch:
            return f"{typed} is not null"
        micros = f"epoch_us({f'timezone({zone}, {typed})' if zone else typed})"
        if self.offset:
            micros += f" + {_offset_micros(name)}"
        if self.fraction:
            micros += f" - {self._micros(name)}"
        again = f"strftime(make_timestamp({micros}), {_quote(self.base)})"
        text = self._base_text(name)
        if "%p" in self.base:
            again, text = f"upper({again})", f"upper({text})"
        same = f"{again} = {text}"
        if self.fraction:
            # What is finer than a microsecond would be lost.
            same += f" and regexp_full_match({self._digits(name)}, '[0-9]{{0,6}}0*')"
        return f"({same})"

    def _base_text(self, name: str) -> str:
        text = f"regexp_replace({name}, '{_OFFSET}', '')" if self.offset else name
        return rf"regexp_replace({text}, '{_FRACTION}', '\1')" if self.fraction else text

    def _digits(self, name: str) -> str:
        return f"regexp_extract({name}, '{_FRACTION}', 2)"

    def _micros(self, name: str) -> str:
        return f"cast(rpad(left({self._digits(name)}, 6), 6, '0') as bigint)"


def time_format(source_format: str) -> TimeFormat:
    """A `sourceFormat`, taken apart.

    Raises:
        ValueError: it is in no form that can be read.
    """
    if source_format in EPOCHS:
        return TimeFormat("", epoch=source_format)
    if source_format.startswith("epoch"):
        raise ValueError(f"{source_format!r} is none of {', '.join(EPOCHS)}")
    base, offset = source_format.removesuffix(OFFSET), source_format.endswith(OFFSET)
    parts = base.split(FRACTION)
    if len(parts) > 2 or (len(parts) == 2 and not parts[0].endswith("%S")):
        raise ValueError(f"{FRACTION} stands once, right behind %S, not as in {source_format!r}")
    if re.search("%[zZ]", base):
        raise ValueError(f"{OFFSET} stands once, at the end, not as in {source_format!r}")
    return TimeFormat("".join(parts), fraction=len(parts) == 2, offset=offset)


def written(source_format: str, at: datetime) -> str:
    """A time as a `sourceFormat` spells it; `at` has the clock of the format's zone."""
    form = time_format(source_format)
    if form.epoch:
        micros = int(at.replace(tzinfo=at.tzinfo or UTC).timestamp()) * 1_000_000 + at.microsecond
        return str(micros // EPOCHS[form.epoch][0])
    fraction = f".{at.microsecond:06d}".rstrip("0") if at.microsecond else ""
    spelled = source_format.removesuffix(OFFSET).replace(FRACTION, fraction)
    # Milliseconds (%g) are DuckDB's own.
    spelled = spelled.replace("%g", f"{at.microsecond // 1000:03d}")
    return at.strftime(spelled) + "+00:00" * form.offset


def _offset_micros(name: str) -> str:
    """The offset's microseconds, null where there is none."""
    text = f"regexp_extract({name}, '{_OFFSET}')"
    digits = f"rpad(replace(substr({text}, 2), ':', ''), 4, '0')"
    minutes = f"(cast(left({digits}, 2) as bigint) * 60 + cast(right({digits}, 2) as bigint))"
    return (
        f"(case when {text} = '' then null when {text} = 'Z' then 0 "
        f"when starts_with({text}, '-') then -60000000 * {minutes} "
        f"else 60000000 * {minutes} end)"
    )


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
