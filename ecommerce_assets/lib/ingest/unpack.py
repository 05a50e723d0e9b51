"""The bytes of a delivered file, inflated chunk by chunk, or why the file is refused.

Belongs here: archives that lie, do harm or are cut off, and line ends. Stays out: kinds of files
(`signatures.py`), lines and their numbers (`scan.py`), columns (`lib/contracts/rules.py`).
"""

from __future__ import annotations

import contextlib
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.ingest.signatures import HEAD, is_beside_the_data, pretender, workbook

fast_zlib: Any = zlib
with contextlib.suppress(ImportError):  # twice as fast where it exists, the same bytes either way
    from isal import isal_zlib as fast_zlib

CHUNK = 4 << 20
#: Endings of a file with a JSON object a line.
_JSON_NAMES = (".jsonl", ".ndjson", ".json")
#: A longer line is not a row. The CSV reader loses count where one spans two of its buffers.
MAX_LINE = 6 << 20
#: A CSV deflates 4 to 20 times; above this, past the first 64 MB, it is a bomb, not a data file.
MAX_INFLATION = 200


def delivered_chunks(
    path: Path, max_bytes: int | None, *, json: bool = False
) -> tuple[int | None, Iterator[bytes] | None]:
    """Size, where it is declared, and chunks of a packed file's text; None for a plain file.

    Args:
        path: the file as it was delivered.
        max_bytes: more inflated bytes than this are refused; None where only the beginning is read.
        json: whether the text is to be JSON.

    Raises:
        NotADataFile: it is not a data file; so may the chunks, where that shows later.
    """
    with path.open("rb") as handle:
        head = handle.read(HEAD)
    refuse_pretenders(path, head, json=json)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_chunks(path, max_bytes, _JSON_NAMES if json else (".csv",))
    if head.startswith(b"\x1f\x8b"):
        if path.suffix.lower() == ".zip":
            raise refuse(
                path, "it is gzip and not a zip archive", f"name it {path.stem}.gz, as it is"
            )
        return None, _gzip_chunks(path)
    if path.suffix.lower() in (".zip", ".gz"):
        raise refuse(
            path,
            f"it is plain text and not packed, as {path.suffix} says",
            f"name it {path.stem}, as it is, or pack it",
        )
    return path.stat().st_size, None


def first_look(path: Path, *, json: bool = False) -> None:
    """Refuse a text whose first bytes show that it is not a data file; the rest is not read.

    Args:
        path: the file as it was delivered.
        json: whether the text is to be JSON.

    Raises:
        NotADataFile: says what it is instead.
    """
    _, packed = delivered_chunks(path, None, json=json)
    for chunk in packed or plain_chunks(path):
        refuse_inside(path, chunk, json=json)
        return
    refuse_pretenders(path, b"")


def refuse(path: Path, what: str, cure: str) -> NotADataFile:
    """The failure that says why a file is not a data file, and the cure."""
    return NotADataFile(f"{path.name} is not a data file: {what}", cure)


def refuse_pretenders(path: Path, head: bytes, *, json: bool = False) -> None:
    """Refuse what bears a data file's name but is something else; JSON only where it is wanted.

    Raises:
        NotADataFile: an empty file, a web page, a spreadsheet, or another kind that is known.
    """
    if found := pretender(head, path.name, json=json):
        raise refuse(path, *found)


def refuse_inside(path: Path, chunk: bytes, *, json: bool = False) -> None:
    """Refuse a text, unpacked by now, whose first bytes are those of something else.

    Raises:
        NotADataFile: as `refuse_pretenders`, or an archive inside an archive.
    """
    refuse_pretenders(path, chunk[:HEAD], json=json)
    if chunk.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in chunk[: 8 * HEAD]:
        what, cure = workbook(["[Content_Types].xml", "xl/" * (b"xl/" in chunk)]) or ("", "")
        raise refuse(path, f"it is {what}", cure)
    if chunk.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise refuse(path, "it is an archive inside an archive", "unpack it once")


def refuse_bombs(path: Path, inflated: int, compressed: int, max_bytes: int) -> None:
    """Refuse a file that inflates beyond all measure.

    Raises:
        NotADataFile: too many bytes in all, or for the size of the archive.
    """
    if inflated > max_bytes:
        raise refuse(
            path,
            f"it inflates to more than {max_bytes:,} bytes",
            "if it is genuine, raise ECOMMERCE_MAX_FILE_BYTES",
        )
    if inflated > 64 << 20 and inflated > MAX_INFLATION * compressed:
        raise refuse(
            path,
            f"{compressed:,} bytes inflate to more than {MAX_INFLATION} times as much",
            "fetch it again from a source that you trust",
        )


def line_feeds(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The chunks with CR LF as LF, and whether there was any: the CSV reader takes no mixture.

    A program that ends lines with CR LF twice over leaves CR CR LF: a line end, too.
    """
    carry = b""
    for chunk in chunks:
        if carry or b"\r" in chunk:
            chunk = carry + chunk
            whole = chunk.rstrip(b"\r")
            carry = chunk[len(whole) :]
            chunk = whole.replace(b"\r\n", b"\n")
            if b"\r\n" in chunk:
                chunk = re.sub(rb"\r+\n", b"\n", chunk)
            if chunk:
                yield chunk, len(chunk) < len(whole)
        elif chunk:
            yield chunk, False
    if carry:  # cut off between CR and LF
        yield b"", True


def copy_start(path: Path, sink: BinaryIO, size: int) -> None:
    """Copy the first `size` bytes, which had no CR LF, before the first chunk that had."""
    with path.open("rb") as handle:
        while size and (block := handle.read(min(CHUNK, size))):
            sink.write(block)
            size -= len(block)


def plain_chunks(path: Path) -> Iterator[bytes]:
    """The chunks of a plain file."""
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            yield chunk


def _gzip_chunks(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as handle:
            while chunk := handle.read(CHUNK):
                yield chunk
    except (EOFError, OSError, zlib.error) as error:
        raise refuse(
            path, f"its gzip stream is cut off or damaged ({error})", f"fetch {path.name} again"
        ) from error


def _zip_chunks(
    path: Path, max_bytes: int | None, endings: tuple[str, ...]
) -> tuple[int, Iterator[bytes]]:
    """Size and chunks of the one data member of an archive; nothing is extracted by its name."""
    again = f"fetch {path.name} again from its source"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise refuse(path, f"the archive is cut off or damaged ({error})", again) from error
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in str(name).split("/")[0]:
            raise refuse(
                path,
                f"its member {member.filename!r} points outside the archive's folder",
                "do not use this archive; fetch one from a source that you trust",
            )
    if found := workbook(member.filename for member in members):
        raise refuse(path, f"it is {found[0]}", found[1])
    files = [m for m in members if not m.is_dir()]
    data = [m for m in files if not is_beside_the_data(m.filename)]
    if len(data) != 1 or not data[0].filename.lower().endswith(endings):
        names = ", ".join(m.filename for m in (data or files)[:5]) or "nothing"
        raise refuse(
            path,
            f"the archive must hold exactly one {' or '.join(endings)}, it holds {names}",
            "pack the one data file alone, or fetch the archive again",
        )
    member = data[0]
    if member.flag_bits & 1:
        cure = "unpack it with its password, and deliver the file plain or packed without one"
        raise refuse(path, "the archive is encrypted", cure)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refuse(path, "its compression is neither deflate nor none", "repack it with deflate")
    if max_bytes is not None:
        refuse_bombs(path, member.file_size, path.stat().st_size, max_bytes)
    return member.file_size, _member_chunks(path, member)


def _member_chunks(path: Path, member: zipfile.ZipInfo) -> Iterator[bytes]:
    again = f"fetch {path.name} again from its source"
    size, crc = 0, 0
    with path.open("rb") as handle:
        handle.seek(max(member.header_offset, 0))  # below zero in a damaged directory
        local = handle.read(30)
        if len(local) < 30 or not local.startswith(b"PK\x03\x04"):
            raise refuse(path, "the archive's directory points at nothing", again)
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
            raise refuse(path, f"the archive is damaged ({error})", again) from error
    if size != member.file_size:
        raise refuse(
            path,
            f"the archive is cut off or lies: it declares {member.file_size:,} bytes and holds "
            f"{'more' if size > member.file_size else format(size, ',')}",
            again,
        )
    if crc != member.CRC:
        raise refuse(path, "the archive's checksum (CRC) does not match its content", again)


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
