"""Whether what Kaggle delivered is the file that it listed, byte for byte.

Belongs here: judging a finished download by checksums and sizes, and clearing a bad one away.
Stays out: how it got here, and what is done about a fault.

Kaggle stores a large CSV as a ZIP archive, whose members carry a CRC-32 each. A small one comes
as plain CSV and carries none; for those the MD5 that its storage declares is compared.
"""

import base64
import binascii
import hashlib
import re
from pathlib import Path

from ecommerce_assets.lib.failures import NotADataFile
from ecommerce_assets.lib.sources.archives import is_zip, zip_fault, zip_members
from ecommerce_assets.lib.sources.protocol import SourceFile

_MD5 = re.compile(r"\bmd5=([A-Za-z0-9+/=]+)")


def delivery_fault(path: Path, file: SourceFile, md5: str | None) -> str | None:
    """Return what is wrong with a finished download in plain words, None if nothing is.

    Args:
        path: The download.
        file: What was listed. Its size may be meant packed or unpacked; both count as right.
        md5: Hexadecimal checksum that the storage declared for the download, if it did.

    Raises:
        NotADataFile: A whole archive that does not hold the file that was asked for.
    """
    delivered = path.stat().st_size
    if not is_zip(path):
        if file.size not in (None, delivered):
            return f"it has {delivered} bytes where the listing declares {file.size}"
        if md5 is not None and _md5_of(path) != md5:
            return "its checksum is not the one that the storage declares"
        return None
    fault = zip_fault(path)
    if fault is not None:
        return fault
    members = zip_members(path)
    if list(members) != [file.name]:
        raise NotADataFile(
            f"the archive of {file.name} holds {', '.join(members) or 'nothing'}",
            f"look at {file.location}: the data set's owner has changed how it is packed",
        )
    if file.size not in (None, delivered, members[file.name]):
        return f"it unpacks to {members[file.name]} bytes where the listing declares {file.size}"
    return None


def declared_md5(goog_hash: str) -> str | None:
    """Return the hexadecimal MD5 in a header `x-goog-hash: crc32c=…,md5=…`, if there is one."""
    found = _MD5.search(goog_hash)
    if found is None:
        return None
    try:
        return base64.b64decode(found[1], validate=True).hex()
    except binascii.Error:
        return None


def marker_of(path: Path) -> Path:
    """Return where Kaggle's client keeps the mark of an unfinished download of `path`."""
    return path.with_name(f"{path.name}.kaggle-partial")


def discard(path: Path) -> None:
    """Remove a download and its mark, so that the next one starts from the first byte."""
    path.unlink(missing_ok=True)
    marker_of(path).unlink(missing_ok=True)


def _md5_of(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
