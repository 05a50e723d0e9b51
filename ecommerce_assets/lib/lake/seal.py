"""A published Parquet's checksum over itself, so that bytes that change later are noticed.

Belongs here: writing and comparing the checksum, reading a footer, and looking at a published
slice. Stays out: who looks when (`defs/ops/upkeep.py`, `cli/app.py`).

Parquet can carry a checksum of each page. DuckDB neither writes nor compares them: a damaged page
is often unpacked without a word, into other rows. The checksum therefore covers the whole file. It
stands in the footer, in a place that is left out of the sum, so that a file that is copied or moved
keeps it. A bucket compares checksums of its own whenever an object is read.
"""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecommerce_assets.lib.failures import ConservationBroken, PermanentFailure

if TYPE_CHECKING:
    from ecommerce_assets.lib.lake.lake import Lake
    from ecommerce_assets.lib.lake.slices import Slice

#: The footer's entry: SHA-256 of every other byte of the file, in hexadecimal digits.
ENTRY = "sha256_of_the_rest"
_DIGITS = 64
_TAIL = 8  # the footer's length in four bytes, and the magic word
_BLOCK = 1 << 20


class DamagedSlice(PermanentFailure):
    """A published slice's file is no longer what was published."""


@dataclass(frozen=True)
class Damaged:
    """A published file whose bytes changed, and what to do.

    Attributes:
        dataset: the table's data set.
        slice: the slice's key for people, e.g. `2019-10`.
        file: where the file lies.
        why: what is wrong, as a sentence that names the file.
        cure: what to do about it.
    """

    dataset: str
    slice: str
    file: str
    why: str
    cure: str


def placeholder() -> str:
    """A text for the footer's entry; `close` puts the checksum in its place."""
    return uuid.uuid4().hex + uuid.uuid4().hex


def close(path: Path) -> None:
    """Put a finished file's checksum into its footer; nothing may be written to it afterwards.

    Raises:
        ConservationBroken: the footer has no place for it.
    """
    import pyarrow.parquet as pq

    filler = (pq.read_metadata(path).metadata or {}).get(ENTRY.encode(), b"")
    place = _place_of(path, filler)
    if place is None:
        raise ConservationBroken(
            f"the footer of {path.name} has no place for its checksum",
            "nothing was published; please report it as a defect",
        )
    digest = _digest(path, place)
    with path.open("r+b") as handle:
        handle.seek(place)
        handle.write(digest)


def fault(path: Path) -> str | None:
    """What is wrong with a published file, in words; None where every byte is as it was.

    A file that was published without a checksum is only asked for a footer that can be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        metadata = pq.read_metadata(path).metadata or {}
    except (pa.ArrowException, OSError) as error:
        return f"its footer cannot be read ({type(error).__name__})"
    written = metadata.get(ENTRY.encode())
    if written is None:
        return None
    place = _place_of(path, written)
    if place is None or _digest(path, place) != written:
        return "its bytes are no longer those that were published"
    return None


def damage_of(slice_: Slice) -> Damaged | None:
    """What is wrong with a slice's published file; None for a whole one, in a bucket, or none."""
    if not slice_.lake.is_local or not slice_.is_published:
        return None
    with slice_.lake.local_copy(slice_.parquet) as path:
        why = fault(path)
    return damaged(slice_, why) if why else None


def damaged(slice_: Slice, why: str) -> Damaged:
    """A slice's damaged file, in words."""
    return Damaged(
        slice_.contract.dataset,
        slice_.key.words,
        slice_.location,
        f"{slice_.location} is damaged: {why}",
        cure_of(slice_),
    )


def cure_of(slice_: Slice) -> str:
    """What to do when a slice's published file is damaged."""
    return f"delete that file and load the {slice_.key.kind} again: {slice_.load_again}"


def footer_pairs(metadata: Any) -> tuple[dict[str, str], int]:
    """The key-value pairs and the number of rows of what `pq.read_metadata` gives."""
    pairs = {k.decode(): v.decode() for k, v in (metadata.metadata or {}).items()}
    return pairs, int(metadata.num_rows)


def read_footer(lake: Lake, key: str) -> tuple[dict[str, str], int]:
    """The key-value pairs and the number of rows in the footer of a published Parquet file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedSlice: it has no footer that can be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with lake.open(key) as handle:
            return footer_pairs(pq.read_metadata(handle))
    except pa.ArrowInvalid as error:
        why = f"its footer cannot be read ({type(error).__name__})"
        raise DamagedSlice(
            f"{lake.location(key)} is damaged: {why}", "delete that file and load its rows again"
        ) from error


def refuse_damaged(slices: Iterable[Slice]) -> None:
    """Refuse to go on from published files that are damaged.

    Raises:
        DamagedSlice: names the first such file and the cure.
    """
    for slice_ in slices:
        if found := damage_of(slice_):
            raise DamagedSlice(found.why, found.cure)


def _place_of(path: Path, text: bytes) -> int | None:
    """Where a text stands in the footer; None where it is not there exactly once."""
    if len(text) != _DIGITS:
        return None
    with contextlib.suppress(OSError, ValueError), path.open("rb") as handle:
        handle.seek(-_TAIL, 2)
        length = int.from_bytes(handle.read(4), "little")
        start = handle.seek(-(length + _TAIL), 2)
        footer = handle.read(length)
        return start + footer.index(text) if footer.count(text) == 1 else None
    return None


def _digest(path: Path, place: int) -> bytes:
    """SHA-256 of a file without the digits at `place`."""
    found, left = hashlib.sha256(), place
    with path.open("rb") as handle:
        while left and (block := handle.read(min(_BLOCK, left))):
            found.update(block)
            left -= len(block)
        handle.seek(place + _DIGITS)
        while block := handle.read(_BLOCK):
            found.update(block)
    return found.hexdigest().encode()
