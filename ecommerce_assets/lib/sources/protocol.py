"""What a source of monthly files is, and how a month's file is called.

Belongs here: the interface that every source of monthly files keeps, and the file names, which
are those Kaggle uses and which people use too when they drop a file into the landing folder.
Stays out: any particular source, and anything that does input or output.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

# Spelled out, because `strftime("%b")` answers in the language of the machine.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SPELLINGS = (".csv", ".csv.gz", ".csv.zip", ".zip")
"""The endings a month's file may have: plain, or packed in one of three ways."""

TYPED = ".parquet"
"""The ending of a file that has types itself, as a source makes of a table, and of no other."""

_ENDINGS = "|".join(re.escape(ending) for ending in SPELLINGS)
_NAME = re.compile(rf"([1-9]\d{{3}})-({'|'.join(_MONTHS)})(?:{_ENDINGS})", re.ASCII)
_LOOSE_NAME = re.compile(_NAME.pattern, re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class SourceFile:
    """One month's file as its source declares it, before anything is fetched.

    Attributes:
        name: What the source calls it, such as `2019-Oct.csv`.
        version: An opaque text; it changes if and only if the content may have changed.
        size: Bytes as the source declares them (Kaggle: of the unpacked file), None if it
            does not say.
        location: Where it comes from, for people; holds no secret.
        rows: Its rows, None if the source does not say.
        shared_by: Number of months that one and the same file serves; 1: it is this month's own.
    """

    name: str
    version: str
    size: int | None
    location: str
    rows: int | None = None
    shared_by: int = 1


class Progress(Protocol):
    """A callable told how far a fetch is; it may be called from another thread."""

    def __call__(self, bytes_done: int, bytes_total: int | None, /) -> None:
        """Take note: `bytes_done` of `bytes_total` bytes are here (None: total unknown)."""


class MonthlySource(Protocol):
    """A source that offers one file per month. A month is a `date` whose day is 1.

    Attributes:
        kind: `sample`, `files`, `kaggle`, `url`, `postgres` or `catalogue`; part of a version.
    """

    kind: str

    def find(self, month: date) -> SourceFile:
        """Return the month's file as it is offered now.

        Raises:
            SourceMissing: There is none; the message names what was looked for and the cure.
            TransientFailure: The source could not be asked now.
        """
        ...

    def available(self) -> dict[date, SourceFile]:
        """Return every month the source offers now, oldest first.

        Raises:
            TransientFailure: The source could not be asked now.
        """
        ...

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Bring `file`, as found before, into `folder` and return the complete, verified file.

        The final name appears only when the file is whole. A file of that name that lies there
        already is replaced. Whether a fetch is needed is the caller's decision, by `version`.

        Raises:
            PermanentFailure: The file cannot be had as it is; repeating would not help.
            TransientFailure: It may work later.
        """
        ...


class FileNames(Protocol):
    """Which months a file stands for by its name."""

    def name_of(self, month: date) -> str:
        """The plain name of a month's file, such as `2019-Oct.csv`."""
        ...

    def months_of(self, name: str) -> tuple[date, ...]:
        """The months that the file of this name holds; empty if it is none of ours."""
        ...

    def probably(self, name: str) -> date | None:
        """A month that a misspelt name probably means; for messages only."""
        ...


class MonthlyNames:
    """A file a month, called after it."""

    def name_of(self, month: date) -> str:
        """See `month_file_name`."""
        return month_file_name(month)

    def months_of(self, name: str) -> tuple[date, ...]:
        """See `month_of_file_name`."""
        month = month_of_file_name(name)
        return (month,) if month else ()

    def probably(self, name: str) -> date | None:
        """See `month_of_loose_file_name`."""
        return month_of_loose_file_name(name)


@dataclass(frozen=True)
class SharedName:
    """One file of one name, plain or packed, holds all months.

    Attributes:
        stem: its name without ending, such as `kz`.
        months: that it holds, oldest first.
    """

    stem: str
    months: tuple[date, ...]

    def name_of(self, month: date) -> str:
        """The plain name, whatever the month."""
        return f"{self.stem}.csv"

    def months_of(self, name: str) -> tuple[date, ...]:
        """All months, for the file's name in any of `SPELLINGS`."""
        return self.months if name in [f"{self.stem}{end}" for end in SPELLINGS] else ()

    def probably(self, name: str) -> date | None:
        """The first month, for the name in other upper and lower case."""
        found = self.months_of(name.lower()) if self.stem.islower() else ()
        return found[0] if found else None


def month_file_name(month: date) -> str:
    """Return the plain name of a month's file: `2019-Oct.csv` for 1 October 2019.

    Raises:
        ValueError: The day is not 1, so the date does not name a month.
    """
    if month.day != 1:
        raise ValueError(f"a month is a date with day 1, not {month.isoformat()}")
    return f"{month.year:04d}-{_MONTHS[month.month - 1]}.csv"


def month_of_file_name(name: str) -> date | None:
    """Return the month that a file name stands for, None if it is not a month's file.

    All of `SPELLINGS` count; upper and lower case must be as `month_file_name` writes them.
    """
    return _month(_NAME.fullmatch(name))


def month_of_loose_file_name(name: str) -> date | None:
    """Return the month that a name probably means, whatever its upper and lower case.

    For messages only (`2019-oct.CSV` is probably October 2019): a source never takes such a file.
    """
    return _month(_LOOSE_NAME.fullmatch(name))


def _month(found: re.Match[str] | None) -> date | None:
    if found is None:
        return None
    return date(int(found[1]), _MONTHS.index(found[2].capitalize()) + 1, 1)
