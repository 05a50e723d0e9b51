"""What a web server declares of a file in the headers of an answer.

Belongs here: validators, length and checksums, and whether a later answer is of the same file.
Stays out: asking, and the bytes themselves.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ecommerce_assets.lib.sources.web.client import http_date

if TYPE_CHECKING:
    import httpx

#: From this age on, a date to the second names one state of a file (RFC 9110, 8.8.2.2).
_SETTLED_S = 60
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512"}
_DIGEST_BYTES = {"sha256": 32, "sha512": 64, "md5": 16}


@dataclass(frozen=True)
class Declared:
    """A file as its server declares it.

    Attributes:
        etag: The entity tag, with its quotes and `W/`; empty if there is none.
        modified: The date of the last change, empty if there is none.
        validator: What `If-Range` may name; empty where nothing tells versions apart for sure.
        length: Bytes in all, None if the server does not say.
        digests: Hexadecimal checksums of the whole file, by the name that hashlib has for them.
    """

    etag: str
    modified: str
    validator: str
    length: int | None
    digests: dict[str, str]

    @property
    def version(self) -> str | None:
        """What changes with the content; None if the server says nothing of that kind."""
        if self.etag.startswith('"'):
            return f"etag:{self.etag}"
        if self.etag or self.modified:
            size = "?" if self.length is None else self.length
            return f"modified:{self.modified}:{self.etag}:{size}"
        return None

    def continued_by(self, rest: httpx.Response, have: int) -> bool:
        """Whether a partial answer is the rest of this file, after its first `have` bytes."""
        found = _RANGE.fullmatch(rest.headers.get("Content-Range", "").strip())
        if found is None or int(found[1]) != have:
            return False
        total = None if found[3] == "*" else int(found[3])
        if total is not None and int(found[2]) != total - 1:
            return False
        other = declared_by(rest)
        return (
            (total is None or self.length in (None, total))
            and other.etag in ("", self.etag)
            and other.modified in ("", self.modified)
            and all(
                self.digests.get(name, digest) == digest for name, digest in other.digests.items()
            )
        )


def declared_by(response: httpx.Response) -> Declared:
    """Read the headers of an answer to HEAD or GET."""
    headers = response.headers
    etag, modified = headers.get("ETag", "").strip(), headers.get("Last-Modified", "").strip()
    length = headers.get("Content-Length", "")
    validator = etag if etag.startswith('"') else ""
    if not etag and _settled(modified, headers.get("Date", "")):
        validator = modified
    return Declared(
        etag=etag,
        modified=modified,
        validator=validator,
        length=int(length) if re.fullmatch(r"\d{1,18}", length) else None,
        digests=_digests(response),
    )


def _settled(modified: str, now: str) -> bool:
    changed, said = http_date(modified), http_date(now)
    return bool(changed and said) and (said - changed).total_seconds() >= _SETTLED_S  # type: ignore[operator]


def _digests(response: httpx.Response) -> dict[str, str]:
    """Checksums of the whole file: `Repr-Digest`, its forerunner `Digest`, Google's `x-goog-hash`.

    `Content-Digest` and `Content-MD5` speak of what one answer carries, and are left alone.
    """
    found: dict[str, str] = {}
    for header in ("Repr-Digest", "Digest"):
        for entry in response.headers.get(header, "").split(","):
            name, _, value = entry.strip().partition("=")
            if name.lower() in _ALGORITHMS:
                _note(found, _ALGORITHMS[name.lower()], value.strip().strip(":"))
    # Of an object that storage unpacks on the way, the checksum is the packed form's.
    if response.headers.get("x-goog-stored-content-encoding", "identity") == "identity":
        for entry in response.headers.get("x-goog-hash", "").split(","):
            name, _, value = entry.strip().partition("=")
            if name == "md5":
                _note(found, "md5", value)
    return found


def _note(found: dict[str, str], name: str, value: str) -> None:
    try:
        digest = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return
    if len(digest) == _DIGEST_BYTES[name]:
        found.setdefault(name, digest.hex())
