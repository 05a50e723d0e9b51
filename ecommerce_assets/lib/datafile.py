"""A delivered file as plain lines of text, counted, whose lines can be found again by number.

Belongs here: where the text is held, counting lines, blank lines, encoding. Stays out: what kind of
file it is and how it is unpacked (`inflate.py`), columns and rules (`rules.py`).
"""

from __future__ import annotations

import codecs
import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ecommerce_assets.lib.dialect import Dialect
from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.inflate import (
    MAX_LINE,
    copy_start,
    delivered_chunks,
    line_feeds,
    plain_chunks,
    refuse,
    refuse_bombs,
    refuse_pretenders,
)

#: A text up to this size is held in memory instead of in a file: writing half a gigabyte to a
#: disk costs a second of processor time. A larger one goes to the staging folder.
HELD_IN_MEMORY = 640 << 20

Progress = Callable[[int, int | None], None]


@dataclass
class TextFile:
    """A data file as lines on local disk.

    Attributes:
        lines: how many there are, header and blank ones included.
        terminated: whether the last line ends with a line feed.
        blank: line numbers (from 1) of the blank lines, ascending.
        overlong: of lines that end with an empty value and have more values than the header.
        header: the first line.
        index: offset and number of the first line that starts in each chunk.
        size: bytes of the text.
        held: the text itself where it is held in memory; gone when the block ends.
        dialect: how the file was spelled before its text was made plain.
    """

    path: Path
    name: str
    lines: int = 0
    terminated: bool = True
    blank: list[int] = field(default_factory=list)
    overlong: list[int] = field(default_factory=list)
    size: int = 0
    header: str = ""
    index: list[tuple[int, int]] = field(default_factory=list)
    held: BinaryIO | None = None
    dialect: Dialect = field(default_factory=Dialect)

    def __enter__(self) -> TextFile:
        return self

    def __exit__(self, *exc: object) -> None:
        if self.held:
            self.held.close()

    def read_lines(self, numbers: list[int]) -> Iterator[tuple[int, str]]:
        """The text of the lines with the given ascending numbers, one chunk in memory at a time."""
        starts = [first for _, first in self.index] + [self.lines + 1]
        at = 0
        with self.path.open("rb") as handle:
            for (offset, first), following in zip(self.index, starts[1:], strict=True):
                wanted = at
                while at < len(numbers) and numbers[at] < following:
                    at += 1
                if at == wanted:
                    continue
                handle.seek(offset)
                text = [handle.readline() for _ in range(numbers[at - 1] - first + 1)]
                for number in numbers[wanted:at]:
                    yield number, text[number - first].decode().rstrip("\r\n")

    def refusable(self, into: Path) -> Path:
        """The text for a reader that overlooks surplus values where they are empty.

        A decimal comma and an empty last value give such a line (`…,12,34,`), and its other values
        would be read from the wrong places. In a copy each has one value more, which is not empty.
        """
        if not self.overlong:
            return self.path
        marked, mark = set(self.overlong), b"surplus\n"
        copy = into / "marked.csv"
        with self.path.open("rb") as source, copy.open("wb") as target:
            for number, line in enumerate(source, start=1):
                target.write(line[:-1] + mark if number in marked else line)
        return copy

    def cut_last_line(self, into: Path) -> str:
        """Take the last line off the text, in a copy where the file is not ours; gives the line."""
        *_, (_, line) = self.read_lines([self.lines])
        if not self.held and self.path.parent != into:
            copy = into / "data.csv"
            shutil.copyfile(self.path, copy)
            self.path = copy
        os.truncate(self.path, self.size - len(line.encode()))
        self.terminated = True
        return line


def open_text(
    path: Path,
    into: Path,
    *,
    max_bytes: int,
    progress: Progress | None = None,
    dialect: Dialect | None = None,
) -> TextFile:
    """Inflate a delivered file (`.csv`, `.csv.gz`, `.zip`) and count its lines.

    Args:
        path: the file as it was delivered.
        into: an existing folder for the inflated text; a plain file is read where it lies.
        max_bytes: more inflated bytes than this are refused.
        progress: called with bytes done and bytes in all.
        dialect: how it is spelled; default: UTF-8 without quotes, which is read as it is.

    Raises:
        NotADataFile: it is no data file, is cut off, or would do harm; the message names the file
            and the cure.
    """
    total, packed = delivered_chunks(path, max_bytes)
    text = TextFile(path=path, name=path.name, dialect=dialect or Dialect())
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
        pieces = text.dialect.plain(path, pieces)
    scan = _Scan(text)
    compressed = path.stat().st_size
    with contextlib.ExitStack() as stack:
        # Counting and writing in a second thread: both, and inflating, let go of the interpreter.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        sink = None if as_it_is else stack.enter_context(_sink(text, into, total))
        pending = None
        for chunk, was_crlf in pieces:
            if not text.size:
                refuse_pretenders(path, chunk[:2048])
                if chunk.startswith((b"PK\x03\x04", b"\x1f\x8b")):
                    raise refuse(path, "it is an archive inside an archive", "unpack it once")
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


def _take(chunk: bytes, scan: _Scan, sink: BinaryIO | None) -> None:
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


class _Scan:
    """Counts lines, finds blank ones and checks the encoding, chunk by chunk."""

    def __init__(self, text: TextFile) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ended = 0  # lines that have ended so far
        self._offset = 0
        self._open = 0  # bytes of the line that has not ended yet
        self._start = b""  # that line's bytes so far
        self._separator = text.dialect.separator.encode()

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk; line ends are LF by now."""
        text = self._text
        if not chunk:  # all that came was half a line end
            return
        if not self._offset:
            self._read_header(chunk)
        self._check_characters(chunk)
        array = np.frombuffer(chunk, np.uint8)
        is_end = array == 10
        ends = int(np.count_nonzero(is_end))
        if self._open + (chunk.index(b"\n") if ends else len(chunk)) > MAX_LINE:
            raise refuse(
                Path(text.name),
                f"line {self._ended + 1:,} is longer than {MAX_LINE:,} bytes",
                f"fetch {text.name} again, or end its lines with line feeds",
            )
        if (is_end[1:] & is_end[:-1]).any() or (is_end[0] and not self._open):
            self._find_blank(is_end)
        self._find_overlong(chunk, array, is_end)
        # Lines are found again from the first line that starts in a chunk.
        first = chunk.find(b"\n") + 1 if self._open else 0
        if (first or not self._open) and first < len(chunk):
            text.index.append((self._offset + first, self._ended + bool(self._open) + 1))
        self._open = len(chunk) - chunk.rfind(b"\n") - 1 if ends else self._open + len(chunk)
        self._ended += ends
        self._offset += len(chunk)

    def finish(self) -> None:
        """Close the count.

        Raises:
            NotADataFile: there is no row, or the last character is cut off.
        """
        text = self._text
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from error
        text.terminated = self._open == 0
        text.lines = self._ended + (not text.terminated)
        if text.lines - len(text.blank) < 2:
            raise refuse(
                Path(text.name), "it holds a header and no rows", f"fetch {text.name} again"
            )

    def _read_header(self, chunk: bytes) -> None:
        line, _, _ = chunk.partition(b"\n")
        if len(line) > 100_000:
            raise refuse(
                Path(self._text.name), "its first line never ends", f"fetch {self._text.name} again"
            )
        try:
            self._text.header = line.decode("utf-8-sig").rstrip("\r")
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from error

    def _check_characters(self, chunk: bytes) -> None:
        if 0 in chunk:
            line = self._ended + 1 + chunk[: chunk.index(0)].count(b"\n")
            raise refuse(
                Path(self._text.name),
                f"there is a NUL byte in line {line:,}: it is binary or UTF-16",
                f"fetch {self._text.name} again, or convert it to UTF-8",
            )
        if b"\r" in chunk:
            line = self._ended + 1 + chunk[: chunk.index(b"\r")].count(b"\n")
            raise refuse(
                Path(self._text.name),
                f"line {line:,} holds a carriage return in its middle",
                f"fetch {self._text.name} again, or make it a line feed: tr '\\r' '\\n'",
            )
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from error

    def _wrong_encoding(self, error: UnicodeDecodeError) -> NotADataFile:
        line = self._ended + 1 + bytes(error.object[: error.start]).count(b"\n")
        return refuse(
            Path(self._text.name),
            f"line {line:,} is not UTF-8, which the contract says",
            f"convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 {self._text.name}",
        )

    def _find_blank(self, is_end: np.ndarray[Any, Any]) -> None:
        lengths = np.diff(np.flatnonzero(is_end), prepend=-1) - 1
        lengths[:1] += self._open
        self._text.blank.extend((np.flatnonzero(lengths == 0) + self._ended + 1).tolist())

    def _find_overlong(
        self, chunk: bytes, array: np.ndarray[Any, Any], is_end: np.ndarray[Any, Any]
    ) -> None:
        """Count the values of lines that end with an empty one; the reader counts the others'."""
        ends = np.flatnonzero(is_end)
        if not len(ends):
            self._start += chunk
            return
        separator, most = self._separator, self._text.header.count(self._separator.decode())
        ends_empty = array[ends - 1] == separator[-1]
        first = self._start + chunk[: ends[0]]
        ends_empty[0] = first.endswith(separator)
        for place in np.flatnonzero(ends_empty).tolist():
            if place:
                found = chunk.count(separator, ends[place - 1] + 1, ends[place])
            else:
                found = first.count(separator)
            if found > most:
                self._text.overlong.append(self._ended + place + 1)
        self._start = chunk[ends[-1] + 1 :]
