"""Where a lane of the lake ends, and how to tell that the topic still goes on from there.

Belongs here: the last published segment of a partition, and the mark of its last message. Stays
out: the broker (`broker.py`), and what is read next (`plan.py`).

A topic that is deleted and made again counts from 0 again. Where it has grown past our offset, its
numbers alone tell nothing, so each segment keeps a mark of its last message, and the next one is
read only where that message is still the same.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Self

from ecommerce_assets.lib.contracts.contract import TableContract
from ecommerce_assets.lib.lake import seal
from ecommerce_assets.lib.lake.lake import Lake
from ecommerce_assets.lib.lake.slices import KEY, Offsets, Slice, table_home

#: Begins the version of a segment whose messages were given up.
LOST = "lost: "
_MARK = re.compile(r"offset (\d+) at (-?\d+) ms is ([0-9a-f]{16})")


@dataclass(frozen=True)
class Mark:
    """What is known of one message.

    Attributes:
        offset: its offset.
        at_ms: its timestamp in milliseconds.
        digest: of its key and value.
    """

    offset: int
    at_ms: int
    digest: str

    @classmethod
    def of(cls, offset: int, at_ms: int, key: bytes | None, value: bytes | None) -> Self:
        """The mark of a message."""
        found = hashlib.sha256()
        for part in (key, value):
            found.update(b"-" if part is None else b"%d:" % len(part) + part)
        return cls(offset, at_ms, found.hexdigest()[:16])

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The mark of a segment's version; None where it has none."""
        found = _MARK.fullmatch(text)
        return cls(int(found[1]), int(found[2]), found[3]) if found else None

    def __str__(self) -> str:
        return f"offset {self.offset} at {self.at_ms} ms is {self.digest}"


@dataclass(frozen=True)
class End:
    """The end of what is published of a partition.

    Attributes:
        offset: the first offset that is not published.
        mark: of the last message that was read; None where there is none to compare with.
    """

    offset: int
    mark: Mark | None


def end_of(lake: Lake, contract: TableContract, topic: str, partition: int) -> End | None:
    """The end of what is published of a partition; None where nothing is.

    Only the last segment is read: its name has the largest first offset, and segments meet.

    Raises:
        DamagedSlice: that segment's footer cannot be read.
    """
    lane = f"{table_home(contract)}/{Offsets(topic, partition, 0, 1).lane}"
    names = sorted(name for name in lake.keys_in(lane) if name.endswith(".parquet"))
    if not names:
        return None
    pairs, _ = seal.read_footer(lake, names[-1])
    return End(Offsets.parse(pairs[KEY]).end, Mark.read(pairs["source_version"]))


def segments_of(lake: Lake, contract: TableContract, topic: str, partition: int) -> list[Slice]:
    """The published segments of a partition in their order; their footers are read.

    Raises:
        DamagedSlice: a segment's footer cannot be read.
    """
    lane = f"{table_home(contract)}/{Offsets(topic, partition, 0, 1).lane}"
    found = []
    for name in sorted(lake.keys_in(lane)):
        if name.endswith(".parquet"):
            pairs, _ = seal.read_footer(lake, name)
            found.append(Slice(lake, contract, Offsets.parse(pairs[KEY])))
    return found
