"""A delivered file as plain lines of text: what it is, inflated and counted, or why it is refused.

Belongs here: telling a data file from what only bears its name, inflating it in bounded memory,
counting its lines, and finding a line again. Stays out: columns and rules (`rules.py`).
"""

from __future__ import annotations

import codecs
import contextlib
import gzip
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from ecommerce_assets.lib.failures import NotADataFile

fast_zlib: Any = zlib
with contextlib.suppress(ImportError):  # twice as fast where it exists, the same bytes either way
    from isal import isal_zlib as fast_zlib

CHUNK = 4 << 20
#: A CSV deflates 4 to 20 times; above this, past the first 64 MB, it is a bomb, not a data file.
MAX_INFLATION = 200
#: A longer line is no row. The CSV reader loses count where one spans two of its buffers.
MAX_LINE = 6 << 20

Progress = Callable[[int, int | None], None]


@dataclass
class TextFile:
    """A data file as lines on local disk.

    Attributes:
        lines: how many there are, header and blank ones included.
        terminated: whether the last line ends with a line feed.
        blank: line numbers (from 1) of the blank lines, ascending.
        header: the first line.
        index: offset and number of the first line that starts in each chunk.
        size: bytes of the text.
    """

    path: Path
    name: str
    lines: int = 0
    terminated: bool = True
    blank: list[int] = field(default_factory=list)
    size: int = 0
    header: str = ""
    index: list[tuple[int, int]] = field(default_factory=list)

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

    def cut_last_line(self, into: Path) -> str:
        """Take the last line off the text, in a copy where the file is not ours; gives the line."""
        *_, (_, line) = self.read_lines([self.lines])
        if self.path.parent != into:
            copy = into / "data.csv"
            shutil.copyfile(self.path, copy)
            self.path = copy
        with self.path.open("rb+") as handle:
            handle.truncate(self.size - len(line.encode()))
        self.terminated = True
        return line


def open_text(
    path: Path,
    into: Path,
    *,
    max_bytes: int,
    progress: Progress | None = None,
) -> TextFile:
    """Inflate a delivered file (`.csv`, `.csv.gz`, `.zip`) and count its lines.

    Args:
        path: the file as it was delivered.
        into: an existing folder for the inflated text; a plain file is read where it lies.
        max_bytes: more inflated bytes than this are refused.
        progress: called with bytes done and bytes in all.

    Raises:
        NotADataFile: it is no data file, is cut off, or would do harm; the message names the file
            and the cure.
    """
    with path.open("rb") as handle:
        head = handle.read(2048)
    _refuse_pretenders(path, head)
    total: int | None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or path.suffix == ".zip":
        target, total, chunks = into / "data.csv", *_zip_chunks(path, max_bytes)
    elif head.startswith(b"\x1f\x8b") or path.suffix == ".gz":
        target, total, chunks = into / "data.csv", None, _gzip_chunks(path)
    else:
        target, total, chunks = path, path.stat().st_size, _plain_chunks(path)
    text = TextFile(path=target, name=path.name)
    scan = _Scan(text)
    compressed = path.stat().st_size
    with contextlib.ExitStack() as stack:
        # Counting in a second thread: inflating and writing release the interpreter's lock.
        pool = stack.enter_context(ThreadPoolExecutor(1))
        sink = None if target is path else stack.enter_context(target.open("wb"))
        pending = None
        for chunk, was_crlf in _line_feeds(chunks):
            if not text.size:
                _refuse_pretenders(path, chunk[:2048])
                if chunk.startswith((b"PK\x03\x04", b"\x1f\x8b")):
                    raise _refuse(path, "it is an archive inside an archive", "unpack it once")
            if was_crlf and sink is None:
                text.path = into / "data.csv"
                sink = stack.enter_context(text.path.open("wb"))
                _copy_start(path, sink, text.size)
            text.size += len(chunk)
            _refuse_bombs(path, text.size, compressed, max_bytes)
            if sink:
                sink.write(chunk)
            if pending:
                pending.result()
            pending = pool.submit(scan.feed, chunk)
            if progress:
                progress(text.size, total)
        if pending:
            pending.result()
    if not text.size:
        raise _refuse(path, "it is empty", f"fetch {path.name} again from its source")
    scan.finish()
    return text


def _refuse(path: Path, what: str, cure: str) -> NotADataFile:
    return NotADataFile(f"{path.name} is no data file: {what}", cure)


def _refuse_pretenders(path: Path, head: bytes) -> None:
    """Refuse what bears a data file's name but is something else.

    Raises:
        NotADataFile: an empty file, a Git LFS pointer, a web page, an API's error, or UTF-16.
    """
    again = f"fetch {path.name} again from its source"
    start = head.lstrip(b"\xef\xbb\xbf").lstrip().lower()
    if not start:
        raise _refuse(path, "it is empty", again)
    if start.startswith(b"version https://git-lfs.github.com"):
        raise _refuse(
            path,
            "it is a Git LFS pointer, a few lines that stand for the file",
            f"run `git lfs pull` where it came from, or {again}",
        )
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")) or b"<html" in start[:1000]:
        raise _refuse(
            path,
            "it is a web page, most likely a login page",
            f"log in to the source (for Kaggle: set the credentials) and {again}",
        )
    if start.startswith(b"{"):
        raise _refuse(path, "it is JSON, most likely an error message of the source", again)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise _refuse(
            path,
            "it is encoded in UTF-16, the contract says UTF-8",
            f"convert it: iconv -f UTF-16 -t UTF-8 {path.name}",
        )


def _refuse_bombs(path: Path, inflated: int, compressed: int, max_bytes: int) -> None:
    if inflated > max_bytes:
        raise _refuse(
            path,
            f"it inflates to more than {max_bytes:,} bytes",
            "if it is genuine, raise ECOMMERCE_MAX_FILE_BYTES",
        )
    if inflated > 64 << 20 and inflated > MAX_INFLATION * compressed:
        raise _refuse(
            path,
            f"{compressed:,} bytes inflate to more than {MAX_INFLATION} times as much",
            "fetch it again from a source that you trust",
        )


def _line_feeds(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The chunks with CR LF as LF, and whether there was any: the CSV reader takes no mixture."""
    carry = b""
    for chunk in chunks:
        if carry or b"\r" in chunk:
            chunk = carry + chunk
            carry = b"\r" if chunk.endswith(b"\r") else b""
            whole = chunk[: len(chunk) - len(carry)]
            chunk = whole.replace(b"\r\n", b"\n")
            if chunk:
                yield chunk, len(chunk) < len(whole)
        elif chunk:
            yield chunk, False
    if carry:  # cut off between CR and LF
        yield b"", True


def _copy_start(path: Path, sink: BinaryIO, size: int) -> None:
    """Copy the first `size` bytes, which had no CR LF, before the first chunk that had."""
    with path.open("rb") as handle:
        while size and (block := handle.read(min(CHUNK, size))):
            sink.write(block)
            size -= len(block)


def _plain_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


def _gzip_chunks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as handle:
            while chunk := handle.read(CHUNK):
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise _refuse(
            path, f"its gzip stream is cut off or damaged ({error})", f"fetch {path.name} again"
        ) from error


def _zip_chunks(path: Path, max_bytes: int) -> tuple[int, Iterator[bytes]]:
    """Size and chunks of the one data member of an archive; nothing is extracted by its name."""
    again = f"fetch {path.name} again from its source"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise _refuse(path, f"the archive is cut off or damaged ({error})", again) from error
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in str(name).split("/")[0]:
            raise _refuse(
                path,
                f"its member {member.filename!r} points outside the archive's folder",
                "do not use this archive; fetch one from a source that you trust",
            )
    data = [m for m in members if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
    if len(data) != 1 or not data[0].filename.lower().endswith(".csv"):
        names = ", ".join(m.filename for m in data[:5]) or "nothing"
        raise _refuse(
            path, f"the archive must hold exactly one .csv, it holds {names}", "repack or fetch it"
        )
    member = data[0]
    if member.flag_bits & 1:
        raise _refuse(path, "the archive is encrypted", "decrypt it first")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refuse(path, "its compression is neither deflate nor none", "repack it with deflate")
    _refuse_bombs(path, member.file_size, path.stat().st_size, max_bytes)
    return member.file_size, _member_chunks(path, member)


def _member_chunks(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    again = f"fetch {path.name} again from its source"
    size, crc = 0, 0
    with path.open("rb") as handle:
        handle.seek(max(member.header_offset, 0))  # below zero in a damaged directory
        local = handle.read(30)
        if len(local) < 30 or not local.startswith(b"PK\x03\x04"):
            raise _refuse(path, "the archive's directory points at nothing", again)
        handle.seek(int.from_bytes(local[26:28], "little"), 1)
        handle.seek(int.from_bytes(local[28:30], "little"), 1)
        try:
            for chunk in _decompressed(handle, member):
                size += len(chunk)
                crc = fast_zlib.crc32(chunk, crc)
                if size > member.file_size:
                    break
                yield chunk
        except (zlib.error, fast_zlib.error) as error:
            raise _refuse(path, f"the archive is damaged ({error})", again) from error
    if size != member.file_size:
        raise _refuse(
            path,
            f"the archive is cut off or lies: it declares {member.file_size:,} bytes and holds "
            f"{'more' if size > member.file_size else format(size, ',')}",
            again,
        )
    if crc != member.CRC:
        raise _refuse(path, "the archive's checksum (CRC) does not match its content", again)


def _decompressed(handle: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    left = member.compress_size
    inflater: Any = (
        fast_zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    )
    while left and (block := handle.read(min(1 << 20, left))):
        left -= len(block)
        if inflater is None:
            yield block
            continue
        while block:
            chunk = inflater.decompress(block, CHUNK)
            block = inflater.unconsumed_tail
            if chunk:
                yield chunk
            if inflater.eof:
                return
    if inflater is not None and (rest := inflater.flush()):
        yield rest


class _Scan:
    """Counts lines, finds blank ones and checks the encoding, chunk by chunk."""

    def __init__(self, text: TextFile) -> None:
        self._text = text
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ended = 0  # lines that have ended so far
        self._offset = 0
        self._open = 0  # bytes of the line that has not ended yet

    def feed(self, chunk: bytes) -> None:
        """Take the next chunk; line ends are LF by now."""
        text = self._text
        if not self._offset:
            self._read_header(chunk)
        self._check_characters(chunk)
        array = np.frombuffer(chunk, np.uint8)
        ends = int(np.count_nonzero(array == 10))
        if self._open + (chunk.index(b"\n") if ends else len(chunk)) > MAX_LINE:
            raise _refuse(
                Path(text.name),
                f"line {self._ended + 1:,} is longer than {MAX_LINE:,} bytes",
                f"fetch {text.name} again, or end its lines with line feeds",
            )
        if b"\n\n" in chunk or (chunk.startswith(b"\n") and not self._open):
            self._find_blank(array)
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
            raise _refuse(
                Path(text.name), "it holds a header and no rows", f"fetch {text.name} again"
            )

    def _read_header(self, chunk: bytes) -> None:
        line, _, _ = chunk.partition(b"\n")
        if len(line) > 100_000:
            raise _refuse(
                Path(self._text.name), "its first line never ends", f"fetch {self._text.name} again"
            )
        try:
            self._text.header = line.decode("utf-8-sig").rstrip("\r")
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from error

    def _check_characters(self, chunk: bytes) -> None:
        if 0 in chunk:
            raise _refuse(
                Path(self._text.name),
                f"there is a NUL byte near line {self._ended + 1:,}: it is binary or UTF-16",
                f"fetch {self._text.name} again, or convert it to UTF-8",
            )
        if b"\r" in chunk:
            line = self._ended + 1 + chunk[: chunk.index(b"\r")].count(b"\n")
            raise _refuse(
                Path(self._text.name),
                f"line {line:,} holds a carriage return in its middle",
                f"fetch {self._text.name} again, or remove it: tr -d '\\r'",
            )
        if chunk.isascii() and not self._decoder.getstate()[0]:
            return
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(error) from error

    def _wrong_encoding(self, error: UnicodeDecodeError) -> NotADataFile:
        line = self._ended + 1 + bytes(error.object[: error.start]).count(b"\n")
        return _refuse(
            Path(self._text.name),
            f"line {line:,} is not UTF-8, which the contract says",
            f"convert it, for instance: iconv -f WINDOWS-1252 -t UTF-8 {self._text.name}",
        )

    def _find_blank(self, array: np.ndarray[Any, Any]) -> None:
        lengths = np.diff(np.flatnonzero(array == 10), prepend=-1) - 1
        lengths[:1] += self._open
        self._text.blank.extend((np.flatnonzero(lengths == 0) + self._ended + 1).tolist())
