"""One file of all months at the address of a web server.

Belongs here: telling its versions apart, resuming, and verification. Stays out: the talk with the
server (`client.py`), and what is inside the file: a web page under a CSV's name is refused once it
is here (`fetch.py`).

Versions: what the server says of the file costs one HEAD request. A checksum that the user set is
the version; else a strong ETag; else Last-Modified with a weak ETag and the length. A server that
gives none of them is asked for the whole file, whose SHA-256 is the version then.

How a download resumes: the validator of the answer lies beside the part before its first byte. A
later call, in this process or another, asks for the rest with Range and If-Range. It goes on only
where the server says that the rest is of the same file; else it starts at the first byte.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote, urldefrag, urlsplit

from pydantic import SecretStr

from ecommerce_assets.lib.failures import (
    CorruptDownload,
    NotADataFile,
    PermanentFailure,
    SourceMissing,
    TransientFailure,
)
from ecommerce_assets.lib.sources.protocol import SPELLINGS, Progress, SourceFile
from ecommerce_assets.lib.sources.retries import Retries
from ecommerce_assets.lib.sources.web import client as web
from ecommerce_assets.lib.sources.web.headers import Declared, declared_by
from ecommerce_assets.lib.sources.work_folder import publish, work_folder

if TYPE_CHECKING:
    import httpx

logger = logging.getLogger(__name__)

T = TypeVar("T")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_BY_CONTENT = "sha256:"
_REPORT_BYTES = 1 << 20


@dataclass
class _Part:
    """The bytes that have arrived, and the note beside them that says what they are part of."""

    path: Path
    note: Path

    def begun(self) -> tuple[Declared, int] | None:
        """What the part is of, and its size; None where there is nothing to go on from."""
        if not self.path.exists() or not self.note.exists():
            return None
        try:
            return Declared(**json.loads(self.note.read_text("utf-8"))), self.path.stat().st_size
        except (ValueError, TypeError):  # the process was killed while it wrote the note
            return None

    def begin(self, declared: Declared) -> None:
        """Start at the first byte; the note comes after the old bytes have gone."""
        self.discard()
        self.note.write_text(json.dumps(asdict(declared)), encoding="utf-8")

    def discard(self) -> None:
        """Forget what has arrived."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


class HttpFile:
    """A CSV file (plain, `.gz` or `.zip`) at an address, as the source of all its months.

    Attributes:
        kind: Always `url`.
        location: The address without user name, password and query.
    """

    kind: str = "url"

    def __init__(
        self,
        url: SecretStr | str,
        months: Iterable[date],
        *,
        sha256: str | None = None,
        max_bytes: int = 20_000_000_000,
        retries: Retries | None = None,
        connect_timeout_s: float = 20.0,
        private_hosts: Collection[str] = (),
        read_timeout_s: float = 60.0,
        pace: web.Pace = web.Pace(),  # noqa: B008 - a value
    ) -> None:
        """Describe the file; nothing is asked yet.

        Args:
            url: http:// or https://; may hold `user:password@`, which are sent as HTTP Basic, and
                end with `#sha256=` and the checksum.
            months: The months that the file serves.
            sha256: The file's checksum, if it is known; another file is refused.
            max_bytes: A longer file is refused.
            retries: How to repeat calls that failed through no fault of ours.
            connect_timeout_s: Seconds to wait for a connection.
            read_timeout_s: Seconds the server may stay silent before the connection counts as
                broken.
            private_hosts: Hosts that redirects may lead to though their address is private.
            pace: How slow it may be.

        Raises:
            PermanentFailure: `url` is not an address, or the checksum is none.
        """
        text = url.get_secret_value() if isinstance(url, SecretStr) else url
        self._url, fragment = urldefrag(text.strip())
        web.require_web_address(self._url)
        pinned = sha256 or (fragment.removeprefix(_PIN) if fragment.startswith(_PIN) else "")
        self._pinned = pinned.strip().lower()
        if self._pinned and not _SHA256.fullmatch(self._pinned):
            raise PermanentFailure(
                f"{pinned!r} is not a SHA-256 checksum", "write its 64 digits, as sha256sum does"
            )
        self.location = web.shown(self._url)
        self._months = tuple(sorted(set(months)))
        self._max_bytes = max_bytes
        self._retries = retries or Retries()
        self._timeouts = (connect_timeout_s, read_timeout_s)
        self._private_hosts = private_hosts
        self._pace = pace

    def __repr__(self) -> str:
        return f"HttpFile({self.location!r})"

    def find(self, month: date) -> SourceFile:
        """Return the file, which is the same for each of its months.

        Raises:
            SourceMissing: The file does not serve that month, or there is no file.
            PermanentFailure: The server refuses.
            TransientFailure: The server did not answer, after all attempts.
        """
        if month not in self._months:
            span = f"{self._months[0]:%Y-%m} to {self._months[-1]:%Y-%m}" if self._months else "no"
            raise SourceMissing(
                f"{self.location} serves the months {span}, not {month:%Y-%m}",
                "choose a month that it serves",
            )
        return self._file()

    def available(self) -> dict[date, SourceFile]:
        """Return the months, oldest first, each with the same file; none if there is no file."""
        if not self._months:
            return {}
        try:
            file = self._file()
        except SourceMissing as missing:
            logger.warning("%s", missing)
            return {}
        return dict.fromkeys(self._months, file)

    def fetch(self, file: SourceFile, folder: Path, progress: Progress | None = None) -> Path:
        """Download exactly the version that was found, resuming where an earlier try broke off.

        Args:
            file: What `find` or `available` returned.
            folder: Where the result goes, made if need be.
            progress: Told the bytes, after each mebibyte.

        Raises:
            CorruptDownload: Another checksum than declared, and again after a second download.
            NotADataFile: Too long, or nothing tells a whole file from a part of it.
            PermanentFailure: The server refuses; the disk is full or not writable.
            TransientFailure: It changed since it was found, or no further after all attempts.
        """
        with work_folder(folder, file.name, f"{self.location} {file.version}") as work:
            part = _Part(work / f"{file.name}.part", work / f"{file.name}.json")
            try:
                self._bring(file, part, progress)
            except _Changed:
                part.discard()
                raise TransientFailure(
                    f"{self.location} has changed since it was found",
                    "start this step again: it fetches what is there now, from the first byte. If "
                    "that comes back, its servers disagree; set the file's checksum (#sha256=)",
                ) from None
            return publish(part.path, folder / file.name)

    # --- asking -----------------------------------------------------------------------------

    def _web(self) -> httpx.Client:
        return web.client(*self._timeouts, private_hosts=self._private_hosts)

    def _file(self) -> SourceFile:
        declared = self._patiently(self._ask)
        version = self._version(declared) or self._patiently(self._read_through)
        return SourceFile(
            name=_file_name(self._url),
            version=version,
            size=declared.length,
            location=self.location,
            shared_by=len(self._months),
        )

    def _version(self, declared: Declared) -> str | None:
        return f"{_BY_CONTENT}{self._pinned}" if self._pinned else declared.version

    def _ask(self) -> Declared:
        """What the server says of the file: by HEAD, or by a GET that is closed at once."""
        with self._web() as client:
            with web.answer(client, "HEAD", self._url) as response:
                declared = declared_by(response)
                refused = web.refusal(response, self._url)
            if isinstance(refused, TransientFailure):
                raise refused
            # Some servers do not know HEAD, or say less of a file when asked that way.
            if refused or declared.length is None or declared.version is None:
                with web.answer(client, "GET", self._url) as response:
                    if refused := web.refusal(response, self._url):
                        raise refused
                    declared = declared_by(response)
        self._refuse_giants(declared.length or 0)
        return declared

    def _read_through(self) -> str:
        digest = hashlib.sha256()
        with self._web() as client, web.answer(client, "GET", self._url) as body:
            if refused := web.refusal(body, self._url):
                raise refused
            for size, piece in self._pieces(body, 0):
                self._refuse_giants(size)
                digest.update(piece)
        return f"{_BY_CONTENT}{digest.hexdigest()}"

    # --- one download -----------------------------------------------------------------------

    def _bring(self, file: SourceFile, part: _Part, progress: Progress | None) -> None:
        wanted = {}
        if file.version.startswith(_BY_CONTENT):
            wanted["sha256"] = file.version.removeprefix(_BY_CONTENT)
        for attempt in ("first", "second"):
            declared = self._patiently(
                lambda: self._transfer(file, part, bool(wanted), progress), part.path
            )
            fault = _fault(part.path, {**declared.digests, **wanted})
            if fault is None:
                return
            logger.warning("%s came damaged, the %s time: %s", self.location, attempt, fault)
            part.discard()
            if wanted and not self._pinned:
                raise _Changed
        whose = "that was set" if self._pinned else "that its server declares"
        raise CorruptDownload(
            f"{self.location} has twice not had the checksum {whose}: {fault}",
            "download it by hand and compare; set its checksum again (#sha256= in the address, or "
            "its setting) if you trust the file, else tell the owner of the server",
        )

    def _transfer(
        self, file: SourceFile, part: _Part, has_checksum: bool, progress: Progress | None
    ) -> Declared:
        """Bring the rest, or all of it; gives what the server declares of the whole file."""
        begun = part.begun()
        if begun and begun[1] == begun[0].length:
            return begun[0]  # a process was killed between the last byte and the verification
        headers = {}
        if begun and begun[0].validator and begun[1]:
            headers = {"Range": f"bytes={begun[1]}-", "If-Range": begun[0].validator}
        with (
            self._web() as client,
            web.answer(client, "GET", self._url, headers) as response,
        ):
            if refused := web.refusal(response, self._url):
                raise refused
            if begun and headers and response.status_code == 206:
                declared, have = begun
                if not declared.continued_by(response, have):
                    part.discard()
                    raise TransientFailure(
                        f"{self.location} changed while it was fetched", "start this step again"
                    )
            elif response.status_code == 200:
                declared, have = declared_by(response), 0
                if self._version(declared) not in (None, file.version):
                    raise _Changed
                self._require_measurable(response, declared, has_checksum)
                part.begin(declared)
            else:
                part.discard()
                raise TransientFailure(
                    f"the server of {self.location} sent no file (HTTP {response.status_code})",
                    "start this step again",
                )
            self._refuse_giants(declared.length or 0)
            self._write(response, part.path, have, declared.length, progress)
        return declared

    def _write(
        self,
        response: httpx.Response,
        path: Path,
        have: int,
        total: int | None,
        progress: Progress | None,
    ) -> None:
        reported, size = have, have
        try:
            # Unbuffered: what has arrived is on its way to the disk even if this process is killed.
            with path.open("ab", buffering=0) as target:
                for size, piece in self._pieces(response, have):
                    self._refuse_giants(size)
                    target.write(piece)
                    if progress is not None and size - reported >= _REPORT_BYTES:
                        reported = size
                        progress(size, total)
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            raise PermanentFailure(
                f"could not write to {path.parent} ({os.strerror(error.errno or 0)})",
                "free some space on that disk" if full else "make that folder writable",
            ) from error
        if total is not None and size != total:
            raise TransientFailure(
                f"{self.location} broke off: {size:,} of {total:,} bytes", "start this step again"
            )
        if progress is not None:
            progress(size, total)

    def _pieces(self, response: httpx.Response, have: int) -> Iterable[tuple[int, bytes]]:
        """The body as it comes over the wire, each piece with the size up to its end."""
        for piece in web.pieces(response, self._url, self._pace):
            have += len(piece)
            yield have, piece

    def _require_measurable(
        self, response: httpx.Response, declared: Declared, has_checksum: bool
    ) -> None:
        coding = response.headers.get("Content-Encoding", "identity").lower()
        if coding not in ("identity", "", "gzip", "x-gzip"):
            raise NotADataFile(
                f"the server sends {self.location} packed as {coding!r}, unasked",
                "set an address that serves the file plain, or as .gz or .zip",
            )
        chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
        if not (declared.length is not None or chunked or declared.digests or has_checksum):
            raise NotADataFile(
                f"the server does not say how long {self.location} is, so that a download which "
                "broke off could not be told from a whole one",
                "set the file's checksum (#sha256= in the address, or its setting)",
            )

    def _refuse_giants(self, size: int) -> None:
        if size > self._max_bytes:
            raise NotADataFile(
                f"{self.location} is longer than {self._max_bytes:,} bytes",
                "if it is genuine, raise ECOMMERCE_MAX_FILE_BYTES",
            )

    def _patiently(self, call: Callable[[], T], growing: Path | None = None) -> T:
        return self._retries.run(call, growing)


_PIN = "sha256="


class _Changed(Exception):
    """What the server offers is no longer what was found."""


def _fault(path: Path, digests: dict[str, str]) -> str | None:
    """Why a file is not the one that its checksums declare; None if it is."""
    for name, wanted in sorted(digests.items()):
        with path.open("rb") as handle:
            found = hashlib.file_digest(handle, name).hexdigest()
        if found != wanted:
            return f"{name} is {found}, not {wanted}"
    return None


def _file_name(url: str) -> str:
    """The file's name in the address, made safe; `data.csv` where that is not a data file's."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name
    name = re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".")[-100:]
    return name if name.lower().endswith((*SPELLINGS, ".gz")) else "data.csv"
