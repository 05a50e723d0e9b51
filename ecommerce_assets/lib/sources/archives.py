"""Whether a ZIP archive is whole: every member inflated and its checksum compared.

Belongs here: reading archives to judge them, in bounded memory and without writing anything.
Stays out: turning an archive into rows, which counts lines in the same pass.
"""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

try:  # Two to three times as fast as zlib; not built for every machine.
    from isal import isal_zlib

    _inflate: Any = isal_zlib
except ImportError:
    _inflate = zlib

_CHUNK_BYTES = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Return whether the file starts as a ZIP archive does, whole or not."""
    with path.open("rb") as handle:
        return handle.read(4) == b"PK\x03\x04"


def zip_fault(path: Path) -> str | None:
    """Return what is wrong with an archive in plain words, None if every checksum is right."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as handle:
            for member in archive.infolist():
                if member.flag_bits & _ENCRYPTED:
                    return f"its member {member.filename} is encrypted"
                fault = _member_fault(archive, member, handle)
                if fault:
                    return f"its member {member.filename} {fault}"
    except zipfile.BadZipFile:
        return "it is not a complete ZIP archive"
    except NotImplementedError as reason:
        return f"it is packed in a way that cannot be read ({reason})"
    return None


def zip_members(path: Path) -> dict[str, int]:
    """Return the members of a whole archive and their unpacked sizes in bytes.

    Raises:
        zipfile.BadZipFile: The archive is not whole.
    """
    with zipfile.ZipFile(path) as archive:
        return {m.filename: m.file_size for m in archive.infolist() if not m.is_dir()}


def _member_fault(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, handle: IO[bytes]
) -> str | None:
    if member.compress_type != zipfile.ZIP_DEFLATED:
        try:
            with archive.open(member) as plain:
                while plain.read(_CHUNK_BYTES):
                    pass
        except (zipfile.BadZipFile, EOFError, OSError, struct.error, lzma.LZMAError):
            return "is damaged"
        return None
    checksum, size = 0, 0
    try:
        for piece in _inflated(member, handle):
            checksum = _inflate.crc32(piece, checksum)
            size += len(piece)
    except (_inflate.error, zlib.error, EOFError):
        return "is damaged: it cannot be inflated to its end"
    if size != member.file_size:
        return f"is damaged: {size} bytes came out where {member.file_size} are declared"
    if checksum != member.CRC:
        return f"is damaged: checksum {checksum:08x} where {member.CRC:08x} is declared"
    return None


def _inflated(member: zipfile.ZipInfo, handle: IO[bytes]) -> Iterator[bytes]:
    handle.seek(member.header_offset)
    header = handle.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise EOFError
    signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise EOFError
    handle.seek(name_length + extra_length, 1)
    left = member.compress_size
    machine = _inflate.decompressobj(wbits=-zlib.MAX_WBITS)
    while left and not machine.eof:
        packed = handle.read(min(_CHUNK_BYTES, left))
        if not packed:
            raise EOFError
        left -= len(packed)
        # A bound on what comes out, too: a small archive may unpack to more than memory holds.
        while packed or not machine.eof:
            piece = machine.decompress(packed, 8 * _CHUNK_BYTES)
            packed = machine.unconsumed_tail
            if piece:
                yield piece
            elif not packed:
                break
            if machine.eof:
                break
    if not machine.eof:
        raise EOFError
