"""A local HTTP server that answers Kaggle's real client as api.kaggle.com and its storage do.

Belongs here: the wire format of data sets (details, list of files, download), versions, signed
storage addresses with ETag and Range, and faults that a test asks for.
Stays out: anything the client does not ask for on behalf of a data set.

The shapes are those that the client's own deserialisers read. A large file is delivered as a ZIP
archive, as Kaggle does; names in `plain` are delivered as they are, as Kaggle does with small ones.
"""

import base64
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, unquote, urlsplit

SIGNATURE = "X-Goog-Signature=signed-as-good-as-a-key"
_PIECE = 1 << 16


@dataclass(frozen=True)
class Request:
    """One request the server got: `ListDatasetFiles` and so on, or `GET <file>`."""

    what: str
    body: Mapping[str, Any]
    range: str | None
    status: int


@dataclass
class Version:
    """One published version of a data set."""

    number: int
    files: dict[str, bytes]
    plain: frozenset[str]
    updated: datetime
    _packed: dict[str, bytes] = field(default_factory=dict)

    @property
    def iso(self) -> str:
        return self.updated.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def delivered_name(self, name: str) -> str:
        return name if name in self.plain else f"{name}.zip"

    def delivered(self, name: str) -> bytes:
        """The bytes that storage sends for a file."""
        if name in self.plain:
            return self.files[name]
        if name not in self._packed:
            buffer = io.BytesIO()
            info = zipfile.ZipInfo(name, self.updated.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr(info, self.files[name], compresslevel=1)
            self._packed[name] = buffer.getvalue()
        return self._packed[name]


@dataclass
class Faults:
    """What goes wrong next. Each list is used up from its front, one entry per occasion.

    Attributes:
        statuses: Statuses of the next API calls, with the seconds for `Retry-After` or None.
        every_status: Status of all API calls from now on.
        cut_after: Downloads that break off after so many bytes.
        hold_after: Downloads that fall silent after so many bytes until the server stops.
        storage_statuses: Statuses of the next answers of the storage; 200 is a normal answer.
        corrupt: Number of downloads that arrive damaged in the middle; -1 for all.
    """

    statuses: list[tuple[int, int | None]] = field(default_factory=list)
    every_status: int | None = None
    cut_after: list[int] = field(default_factory=list)
    hold_after: list[int] = field(default_factory=list)
    storage_statuses: list[int] = field(default_factory=list)
    corrupt: int = 0


class KaggleServer:
    """The server, a context manager on a free port of the loopback interface.

    Attributes:
        keys: User names and their keys.
        tokens: Tokens and the users they stand for.
        faults: What is to go wrong.
        requests: Every request so far, in order of its answer.
        declared_sizes: Sizes to list instead of the true ones, by file name.
        storage_url: Where downloads are said to lie; the server itself.
    """

    def __init__(self) -> None:
        self.keys = {"demo": "a-secret-key"}
        self.tokens = {"KGAT_a-secret-token": "demo"}
        self.faults = Faults()
        self.requests: list[Request] = []
        self.declared_sizes: dict[str, int] = {}
        self.stopping = threading.Event()
        self._datasets: dict[str, list[Version]] = {}
        self._http = _Http(self)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.storage_url = self.url

    def __enter__(self) -> "KaggleServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        return self._http.server_port

    def publish(
        self,
        slug: str,
        files: Mapping[str, bytes],
        *,
        plain: frozenset[str] = frozenset(),
        updated: datetime | None = None,
    ) -> Version:
        """Add a version to a data set, which it makes if it is new."""
        versions = self._datasets.setdefault(slug, [])
        when = updated or datetime(2020, 1, len(versions) + 1, tzinfo=UTC)
        versions.append(Version(len(versions) + 1, dict(files), plain, when))
        return versions[-1]

    def versions(self, slug: str) -> list[Version]:
        return self._datasets.get(slug, [])

    def calls(self, what: str) -> list[Request]:
        """The requests of one kind; `GET` means all that went to the storage."""
        return [r for r in self.requests if r.what == what or r.what.split()[0] == what]


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: KaggleServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay quiet: a client that hangs up is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: tests read `KaggleServer.requests`."""

    # --- the API ----------------------------------------------------------------------------

    def do_POST(self) -> None:
        owner, faults = self.server.owner, self.server.owner.faults
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        method = urlsplit(self.path).path.rsplit("/", 1)[-1]
        self._what, self._body = method, body
        if faults.every_status is not None:
            return self._refuse(faults.every_status, "unavailable")
        if faults.statuses:
            status, retry_after = faults.statuses.pop(0)
            return self._refuse(status, "injected", retry_after)
        if method == "IntrospectToken":
            user = owner.tokens.get(body.get("token", ""))
            return self._answer({"active": user is not None, "username": user or ""})
        if not self._is_known():
            return self._refuse(401, "Unauthenticated")
        slug = f"{body.get('ownerSlug')}/{body.get('datasetSlug')}"
        versions = owner.versions(slug)
        if not versions:
            return self._refuse(403, f"Permission 'datasets.get' was denied for {slug}")
        number = body.get("datasetVersionNumber") or len(versions)
        if not 1 <= number <= len(versions):
            return self._refuse(404, "Not found")
        version = versions[number - 1]
        if method == "GetDataset":
            return self._answer(
                {"id": 1, "ref": slug, "currentVersionNumber": number, "lastUpdated": version.iso}
            )
        if method == "ListDatasetFiles":
            return self._list(version, body)
        if method == "DownloadDataset":
            return self._redirect(slug, version, body.get("fileName"))
        return self._refuse(404, f"no method {method}")

    def _list(self, version: Version, body: Mapping[str, Any]) -> None:
        names, first = sorted(version.files), int(body.get("pageToken") or 0)
        last = first + (body.get("pageSize") or 20)
        declared = self.server.owner.declared_sizes
        files = [
            {
                "name": name,
                "ref": name,
                "totalBytes": declared.get(name, len(version.files[name])),
                "creationDate": version.iso,
            }
            for name in names[first:last]
        ]
        self._answer(
            {"datasetFiles": files, "nextPageToken": str(last) if last < len(names) else ""}
        )

    def _redirect(self, slug: str, version: Version, name: str | None) -> None:
        if name not in version.files:
            return self._refuse(404, f"{name} not found")
        path = f"/storage/{slug}/{version.number}/{quote(version.delivered_name(name))}"
        self._head(302, {"Location": f"{self.server.owner.storage_url}{path}?{SIGNATURE}"})
        return None

    # --- the storage ------------------------------------------------------------------------

    def do_GET(self) -> None:
        faults = self.server.owner.faults
        _, _, account, dataset, number, delivered = unquote(urlsplit(self.path).path).split("/")
        self._what, self._body = f"GET {delivered}", {}
        status = faults.storage_statuses.pop(0) if faults.storage_statuses else 200
        if status != 200:
            return self._head(status, {}, b"<Error>expired</Error>")
        version = self.server.owner.versions(f"{account}/{dataset}")[int(number) - 1]
        name = delivered if delivered in version.files else delivered.removesuffix(".zip")
        content = version.delivered(name)
        md5 = hashlib.md5(content)
        headers = {
            "Content-Type": "application/zip",
            "Accept-Ranges": "bytes",
            "ETag": f'"{md5.hexdigest()}"',
            "Last-Modified": format_datetime(version.updated, usegmt=True),
            "x-goog-hash": f"crc32c=AAAAAA==, md5={base64.b64encode(md5.digest()).decode()}",
        }
        if faults.corrupt:
            faults.corrupt -= 1
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
        start = self._start(headers["ETag"])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self._send(206 if start else 200, headers, content[start:])
        return None

    def _start(self, etag: str) -> int:
        wanted = self.headers.get("Range")
        if wanted is None or self.headers.get("If-Range", etag) != etag:
            return 0
        return int(wanted.removeprefix("bytes=").split("-")[0])

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        faults = self.server.owner.faults
        # Decided before the first byte goes out, so that the next request finds its own fault.
        cut = faults.cut_after.pop(0) if faults.cut_after else None
        hold = faults.hold_after.pop(0) if faults.hold_after else None
        end = next((limit for limit in (cut, hold) if limit is not None), len(content))
        self._head(status, {**headers, "Content-Length": str(len(content))})
        for at in range(0, min(end, len(content)), _PIECE):
            self.wfile.write(content[at : min(at + _PIECE, end)])
        self.wfile.flush()
        if hold is not None:
            self.server.owner.stopping.wait()
        if cut is not None or hold is not None:
            self.close_connection = True

    # --- answers ----------------------------------------------------------------------------

    def _is_known(self) -> bool:
        kind, _, secret = (self.headers.get("Authorization") or "").partition(" ")
        if kind == "Basic":
            user, _, key = base64.b64decode(secret).decode().partition(":")
            return self.server.owner.keys.get(user) == key
        return kind == "Bearer" and secret in self.server.owner.tokens

    def _refuse(self, status: int, message: str, retry_after: int | None = None) -> None:
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._answer({"code": status, "message": message}, status, headers)

    def _answer(
        self, content: Mapping[str, Any], status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        json_type = {"Content-Type": "application/json", **(headers or {})}
        self._head(status, json_type, json.dumps(content).encode())

    def _head(self, status: int, headers: Mapping[str, str], content: bytes = b"") -> None:
        """Log the request and send the head, and the content where there is any."""
        self.server.owner.requests.append(
            Request(self._what, self._body, self.headers.get("Range"), status)
        )
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
