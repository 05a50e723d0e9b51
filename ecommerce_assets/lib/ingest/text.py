"""A delivered file as plain lines of text, counted, whose lines can be found again by number.

Belongs here: where the text is held, and what a reader is given of it. Stays out: what kind
of file it is and how it is unpacked (`unpack.py`), looking at its bytes (`scan.py`).
"""

from __future__ import annotations

import contextlib
import os
import shutil
from bisect import bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ecommerce_assets.lib.contracts.dialect import Dialect
from ecommerce_assets.lib.ingest.damage import Damage, readable
from ecommerce_assets.lib.ingest.scan import Scan
from ecommerce_assets.lib.ingest.unpack import (
    CHUNK,
    copy_start,
    delivered_chunks,
    line_feeds,
    plain_chunks,
    refuse,
    refuse_bombs,
    refuse_inside,
)

#: A text up to this size is held in memory instead of in a file: writing half a gigabyte to a
#: disk costs a second of processor time. A larger one goes to the staging folder.
HELD_IN_MEMORY = 640 << 20
#: A damaged line of more bytes is kept by its first ones.
WHOLE, SHOWN = 64 << 10, 10_000

Progress = Callable[[int, int | None], None]


@dataclass
class TextFile:
    """A data file as lines on local disk.

    Attributes:
        lines: how many there are, header and blank ones included.
        terminated: whether the last line ends with a line feed.
        blank: line numbers (from 1) of the blank lines, ascending.
        overlong: where lines end that have more values than the header and an empty last one, by
            line number.
        damaged: where lines begin and end that hold what no text holds, by line number.
        damage: why they are damaged.
        header: the first line.
        index: offset and number of the first line of each piece that was looked at.
        last: offset of the last line.
        size: bytes of the text.
        held: the text itself where it is held in memory; gone when the block ends.
        dialect: how the file was spelled before its text was made plain.
    """

    path: Path
    name: str
    lines: int = 0
    terminated: bool = True
    blank: list[int] = field(default_factory=list)
    overlong: dict[int, int] = field(default_factory=dict)
    damaged: dict[int, tuple[int, int]] = field(default_factory=dict)
    damage: Damage = field(default_factory=lambda: Damage(""))
    size: int = 0
    header: str = ""
    index: list[tuple[int, int]] = field(default_factory=list)
    last: int = 0
    held: BinaryIO | None = None
    dialect: Dialect = field(default_factory=Dialect)

    def __enter__(self) -> TextFile:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.held:
            self.held.close()

    def read_lines(self, numbers: list[int]) -> Iterator[tuple[int, str]]:
        """The text of the lines with the given ascending numbers; damaged ones as `readable`."""
        firsts = [first for _, first in self.index]
        following = 0  # the line that comes next
        with self.path.open("rb") as handle, self.path.open("rb") as apart:
            for number in numbers:
                if number in self.damaged:
                    start, end = self.damaged[number]
                    apart.seek(start)
                    limit = SHOWN if end - start > WHOLE else WHOLE
                    yield number, readable(apart.read(min(end - start, limit + 1)), limit)
                    continue
                offset, first = self.index[bisect_right(firsts, number) - 1]
                if not following or first > following:
                    handle.seek(offset)
                    following = first
                while following < number:
                    handle.readline()
                    following += 1
                yield number, handle.readline().decode().rstrip("\r\n")
                following += 1

    def refusable(self, into: Path) -> Path:
        """The text for a reader that stops at damaged lines and overlooks empty surplus values.

        A decimal comma and an empty last value give a surplus line (`…,12,34,`), and its other
        values would be read from the wrong places. In a copy each has one value more, which is not
        empty, and each damaged line is one of surplus values alone: the reader refuses them all.
        """
        places = {end: (end, b"surplus") for end in self.overlong.values()}
        separator = self.dialect.separator
        surplus = separator.join("x" * (self.header.count(separator) + 2)).encode()
        places |= {start: (end, surplus) for start, end in self.damaged.values()}
        if not places:
            return self.path
        copy, at = into / "marked.csv", 0
        with self.path.open("rb") as source, copy.open("wb") as target:
            for start in sorted(places):
                end, put = places[start]
                if start < at or start >= self.size:  # in a damaged line, or cut off
                    continue
                _copy(source, target, start - at)
                target.write(put)
                source.seek(end)
                at = end
            _copy(source, target, self.size - at)
        return copy

    def cut_last_line(self, into: Path) -> str:
        """Take the last line off the text, in a copy where the file is not ours; gives the line."""
        *_, (_, line) = self.read_lines([self.lines])
        if not self.held and self.path.parent != into:
            copy = into / "data.csv"
            shutil.copyfile(self.path, copy)
            self.path = copy
        os.truncate(self.path, self.last)
        self.size, self.terminated = self.last, True
        return line


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    while size > 0 and (block := source.read(min(CHUNK, size))):
        target.write(block)
        size -= len(block)


def open_text(
    path: Path,
    into: Path,
    *,
    max_bytes: int,
    progress: Progress | None = None,
    dialect: Dialect | None = None,
) -> TextFile:
    """Inflate a delivered text (plain, `.gz`, `.zip`), count its lines and find damaged ones.

    Args:
        path: the file as it was delivered.
        into: an existing folder for the inflated text; a plain file is read where it lies.
        max_bytes: more inflated bytes than this are refused.
        progress: called with bytes done and bytes in all.
        dialect: how it is spelled; default: UTF-8 without quotes, which is read as it is.

    Raises:
        NotADataFile: it is not a data file, is cut off, or would do harm; the message names the
            file and the cure.
    """
    dialect = dialect or Dialect()
    total, packed = delivered_chunks(path, max_bytes, json=dialect.json)
    encoding = dialect.encoding if not dialect.is_utf8 else "utf-8"
    damage = Damage(path.name, encoding, header=not dialect.json)
    text = TextFile(path=path, name=path.name, dialect=dialect, damage=damage)
    try:
        _read(path, packed, text, into, total, max_bytes, progress)
    except BaseException:
        text.__exit__()
        raise
    return text


def _read(
    path: Path,
    packed: Iterator[bytes] | None,
    text: TextFile,
    into: Path,
    total: int | None,
    max_bytes: int,
    progress: Progress | None,
) -> None:
    """Count the lines, and hold the text unless a plain file can be read where it lies."""
    pieces = line_feeds(packed or plain_chunks(path))
    as_it_is = packed is None and text.dialect.is_plain
    if not text.dialect.is_plain:
        pieces = text.dialect.plain(path, pieces, text.damage)
    scan = Scan(text, text.damage)
    compressed = path.stat().st_size
    with contextlib.ExitStack() as stack:
        # Counting and writing in a second thread: both, and inflating, let go of the interpreter.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        sink = None if as_it_is else stack.enter_context(_sink(text, into, total))
        pending = None
        for chunk, was_crlf in pieces:
            if not text.size:
                refuse_inside(path, chunk, json=text.dialect.json)
            if was_crlf and sink is None:
                sink = stack.enter_context(_sink(text, into, total))
                copy_start(path, sink, text.size)
            text.size += len(chunk)
            refuse_bombs(path, text.size, compressed, max_bytes)
            if pending:
                pending.result()
            pending = pool.submit(_take, chunk, scan, sink)
            if progress:
                progress(text.size, total)
        if pending:
            pending.result()
    if not text.size:
        raise refuse(path, "it is empty", f"fetch {path.name} again from its source")
    scan.finish()


def _take(chunk: bytes, scan: Scan, sink: BinaryIO | None) -> None:
    scan.feed(chunk)
    if sink:
        sink.write(chunk)


def _sink(text: TextFile, into: Path, size: int | None) -> BinaryIO:
    """Where the text goes: memory if it is known to fit and the system can, else a staged file."""
    if size is not None and size <= HELD_IN_MEMORY and hasattr(os, "memfd_create"):
        text.held = os.fdopen(os.memfd_create("text"), "wb")
        text.path = Path(f"/proc/self/fd/{text.held.fileno()}")
        return text.path.open("wb")
    text.path = into / "data.csv"
    return text.path.open("wb")
