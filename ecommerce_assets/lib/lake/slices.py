"""A slice: the part of a source table that is loaded, judged, published and replaced as one.

Belongs here: the three kinds of key that name a slice, and where the slice's files lie. Stays out:
what is in the files, and when a slice is loaded.

A key is a value: it can be compared with others of its kind, and its text reads back as the same
key. The text stands in paths, in the ledger, in partition keys and in messages between processes;
people read `words`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, ClassVar, Self

from ecommerce_assets.lib.lake import seal

if TYPE_CHECKING:
    from ecommerce_assets.lib.contracts.contract import TableContract
    from ecommerce_assets.lib.lake.lake import Lake

#: The watermark before everything.
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
#: The entries of a footer that name the slice; those of months need none.
KIND, KEY = "slice_kind", "slice_key"
#: The folder of a file that all months of a table share.
ALL_MONTHS = "all_months"
_INSTANT = "%Y%m%dT%H%M%S.%fZ"
#: Digits of an offset in a file's name, so that names sort as offsets do; Kafka's own names.
_OFFSET_DIGITS = 20
_NUMBER = r"(0|[1-9]\d*)"
#: A range of offsets as text; a topic may hold `_`, but is neither `.` nor `..`.
_RANGE = re.compile(
    rf"(?!\.{{1,2}}_\d+_\d+_\d+$)([A-Za-z0-9._-]{{1,249}})_{_NUMBER}_{_NUMBER}_{_NUMBER}"
)


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in UTC. Loading it again replaces it.

    Attributes:
        first: its first day.
    """

    kind: ClassVar[str] = "month"
    first: date

    def __post_init__(self) -> None:
        if isinstance(self.first, datetime) or self.first.day != 1:
            raise ValueError(f"a month is a date with day 1, not {self.first}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The month of a text.

        Raises:
            ValueError: the text is not that of a month.
        """
        return cls(date.fromisoformat(text))

    @property
    def text(self) -> str:
        """E.g. `2019-10-01`, as Dagster writes a month's partition key."""
        return f"{self.first:%Y-%m-%d}"

    @property
    def words(self) -> str:
        """E.g. `2019-10`."""
        return f"{self.first:%Y-%m}"

    @property
    def folder(self) -> str:
        """The slice's folder in a table's folder."""
        return f"event_month={self.text}"

    @property
    def lane(self) -> str:
        """The folder of what must not be written at the same time."""
        return self.folder

    @property
    def note(self) -> str:
        """The folder of its attempts in the ledger."""
        return self.folder


@dataclass(frozen=True, order=True)
class Batch:
    """What one extraction found: the changes after one watermark, up to the next one.

    A batch is added and never replaced by another one. Its files are named by `after` alone: two
    extractions that start from the same state and end at different ones would write the same file,
    and only one can.

    Attributes:
        after: the watermark of the extraction before; `BEGINNING` if there is none.
        upto: the watermark that this one reached.
    """

    kind: ClassVar[str] = "batch"
    after: datetime
    upto: datetime

    def __post_init__(self) -> None:
        for name in ("after", "upto"):
            at = getattr(self, name)
            if at.tzinfo is None:
                raise ValueError(f"a watermark is an instant with a time zone, not {at}")
            object.__setattr__(self, name, at.astimezone(UTC) if at != BEGINNING else BEGINNING)
        if self.upto <= self.after:
            raise ValueError(f"a batch ends after it begins, not at {self.upto}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The batch of a text.

        Raises:
            ValueError: the text is not that of a batch.
        """
        after, _, upto = text.partition("_")
        found = cls(_read_instant(after), _read_instant(upto))
        if found.text != text:
            raise ValueError(f"{text!r} is not the text of a batch")
        return found

    @property
    def text(self) -> str:
        """E.g. `20240210T120000.000000Z_20240210T121500.000000Z`; the first one begins with `0`."""
        return f"{_instant(self.after)}_{_instant(self.upto)}"

    @property
    def words(self) -> str:
        """E.g. `the changes from 2024-02-10 12:00:00 to 2024-02-10 12:15:00 UTC`."""
        start = "" if self.after == BEGINNING else f"from {_said(self.after)} "
        return f"the changes {start}to {_said(self.upto)} UTC"

    @property
    def folder(self) -> str:
        """The slice's folder in a table's folder."""
        return f"after={_instant(self.after)}"

    @property
    def lane(self) -> str:
        """The folder of what must not be written at the same time: all batches of the table."""
        return ""

    @property
    def note(self) -> str:
        """The folder of its attempts in the ledger."""
        return f"batch={self.text}"


@dataclass(frozen=True, order=True)
class Offsets:
    """A range of one partition of a topic. A range is added and never replaced by another one.

    Its files are named by `start` alone, for the same reason as those of a `Batch`.

    Attributes:
        topic: its name.
        partition: its number.
        start: the first offset.
        end: the first offset that is no longer in the range.
    """

    kind: ClassVar[str] = "offsets"
    topic: str
    partition: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start or not _RANGE.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is not a range of offsets of a topic's partition")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The range of a text.

        Raises:
            ValueError: the text is not that of a range.
        """
        found = _RANGE.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is not a range of offsets of a topic's partition")
        return cls(found[1], int(found[2]), int(found[3]), int(found[4]))

    @property
    def text(self) -> str:
        """E.g. `orders_3_250000_260000`."""
        return f"{self.topic}_{self.partition}_{self.start}_{self.end}"

    @property
    def words(self) -> str:
        """E.g. `offsets 250000 to 259999 of orders, partition 3`."""
        return f"offsets {self.start} to {self.end - 1} of {self.topic}, partition {self.partition}"

    @property
    def folder(self) -> str:
        """The slice's folder in a table's folder; its Parquet file lies beside such a folder."""
        return f"{self.lane}/{self.start:0{_OFFSET_DIGITS}}"

    @property
    def lane(self) -> str:
        """The folder of what must not be written at the same time: the topic's partition."""
        return f"topic={self.topic}/partition={self.partition}"

    @property
    def note(self) -> str:
        """The folder of its attempts in the ledger."""
        return f"offsets={self.text}"


Key = Month | Batch | Offsets
KINDS: Mapping[str, type[Month] | type[Batch] | type[Offsets]] = {
    each.kind: each for each in (Month, Batch, Offsets)
}
#: Patterns of the slices' folders in a table's folder, by the kind of their keys.
FOLDERS = {Month.kind: "*", Batch.kind: "*", Offsets.kind: "topic=*/partition=*/*"}


@functools.lru_cache(maxsize=4096)
def parse_key(kind: str, text: str) -> Key:
    """The key of a kind and a text.

    Raises:
        ValueError: there is no such kind, or the text is not of it.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not one of {', '.join(KINDS)}")
    return KINDS[kind].parse(text)


@dataclass(frozen=True)
class Slice:
    """A slice of a source table in a lake.

    Attributes:
        lake: where it lies.
        contract: of its table.
        key: which one it is.
    """

    lake: Lake
    contract: TableContract
    key: Key

    def __str__(self) -> str:
        return f"{self.contract.dataset} {self.key.words}"

    @property
    def span(self) -> date | None:
        """The month in which its rows must lie; None where they may be of any time."""
        return self.key.first if isinstance(self.key, Month) else None

    @property
    def month(self) -> date:
        """The first day of its month.

        Raises:
            TypeError: it is not a month.
        """
        if not isinstance(self.key, Month):
            raise TypeError(f"{self} is not a month")
        return self.key.first

    # Where it lies --------------------------------------------------------------------------

    @property
    def parquet(self) -> str:
        """The lake's key of its Parquet file."""
        return f"{table_home(self.contract)}/{parquet_in(self.key.folder, self.contract.table)}"

    @property
    def quarantine(self) -> str:
        """The lake's key of the folder of its quarantined rows."""
        return f"{quarantine_home(self.contract)}/{self.key.folder}"

    @property
    def files(self) -> str:
        """The lake's key of the folder of what its source delivered."""
        held = ALL_MONTHS if self.contract.shared_file else self.key.folder
        return f"{files_home(self.contract)}/{held}"

    @property
    def location(self) -> str:
        """The address of its Parquet file: a path, or a URI in a bucket."""
        return self.lake.location(self.parquet)

    @property
    def load_again(self) -> str:
        """How people load it again, as an instruction."""
        domain, words = self.contract.domain, self.key.words
        if isinstance(self.key, Month):
            return f"ecommerce backfill {domain} --from {words} --to {words}"
        return f"materialise {domain}/lake/{self.contract.table} again"

    def alone(self) -> AbstractContextManager[None]:
        """Keep other processes of this host from writing it; in a bucket nothing is locked."""
        home = quarantine_home(self.contract)
        return self.lake.alone(f"{home}/{self.key.lane}" if self.key.lane else home)

    # What is published of it ----------------------------------------------------------------

    @property
    def is_published(self) -> bool:
        """Whether its Parquet file is there."""
        return self.lake.exists(self.parquet)

    def footer(self) -> tuple[dict[str, str], int]:
        """The key-value pairs and the number of rows in the footer of its Parquet file.

        Raises:
            FileNotFoundError: it is not published.
            DamagedSlice: its file has no footer that can be read.
        """
        try:
            return seal.read_footer(self.lake, self.parquet)
        except seal.DamagedSlice as error:
            raise seal.DamagedSlice(error.message, seal.cure_of(self)) from error


def table_home(contract: TableContract) -> str:
    """The lake's key of the folder of a table's published slices."""
    return f"{contract.domain}/{contract.table}"


def quarantine_home(contract: TableContract) -> str:
    """The lake's key of the folder of a table's quarantine."""
    return f"quarantine/{contract.domain}/{contract.table}"


def files_home(contract: TableContract) -> str:
    """The lake's key of the folder of what a table's source delivered."""
    return f"files/{contract.domain}/{contract.table}"


def published_months(lake: Lake, domain: str, table: str) -> list[date]:
    """The months that are published of a table, oldest first."""
    home, found = f"{domain}/{table}/event_month=", []
    for key in lake.keys_below(f"{domain}/{table}"):
        month, _, name = key.removeprefix(home).partition("/")
        if key.startswith(home) and name == f"{table}.parquet":
            found.append(date.fromisoformat(month))
    return found


def published_slices(lake: Lake, contract: TableContract) -> list[Slice]:
    """What is published of a table, in the order of its keys.

    The end of a batch and of a range of offsets stands in its footer, which is read.

    Raises:
        DamagedSlice: the footer of such a file cannot be read.
    """
    home, found = table_home(contract), list[Slice]()
    if contract.slices == Month.kind:
        months = published_months(lake, contract.domain, contract.table)
        return [Slice(lake, contract, Month(month)) for month in months]
    for name in lake.keys_below(home):
        text = seal.read_footer(lake, name)[0].get(KEY)
        slice_ = Slice(lake, contract, parse_key(contract.slices, text)) if text else None
        if slice_ and slice_.parquet == name:
            found.append(slice_)
    return sorted(found, key=lambda slice_: slice_.key)


def parquet_in(folder: str, table: str) -> str:
    """The Parquet file that belongs to a slice's folder, both as seen from the table's folder."""
    return f"{folder}.parquet" if folder.startswith("topic=") else f"{folder}/{table}.parquet"


def _read_instant(text: str) -> datetime:
    return BEGINNING if text == "0" else datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)


def _instant(at: datetime) -> str:
    return "0" if at == BEGINNING else at.strftime(_INSTANT)


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
